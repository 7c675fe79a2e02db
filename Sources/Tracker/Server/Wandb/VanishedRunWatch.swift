import Logging
import ServiceLifecycle
import TrackerStore

/// Settles runs whose clients have fallen silent, again and again.
///
/// The first time after a whole period of silence: clients that could not reach a server that was down are on their way.
struct VanishedRunWatch: Service {
    let store: TrackerStore
    /// Seconds of silence after which a run has crashed.
    let patience: Double
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: .seconds(patience))
            while true {
                await settle()
                try await Task.sleep(for: .seconds(min(15, max(0.5, patience / 4))))
            }
        }
    }

    private func settle() async {
        do {
            let runs = try await store.settleVanishedRuns(after: patience)
            if !runs.isEmpty { logger.notice("runs vanished", metadata: ["runs": "\(runs)"]) }
        } catch {
            logger.warning("cannot look for vanished runs now", metadata: ["error": "\(String(reflecting: error))"])
        }
    }
}
