import Logging
import ServiceLifecycle
import TrackerStore

/// Merges the history's small segments while the server runs.
struct CompactionService: Service {
    let compactor: Compactor
    let logger: Logger

    private static let interval = Duration.seconds(30)
    /// After so many merged segments their space is given back at once and not when the database gets to it.
    private static let manySegments = 10_000

    func run() async throws {
        await cancelWhenGracefulShutdown { await compactRepeatedly() }
    }

    private func compactRepeatedly() async {
        var merged = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.interval)
                merged += try await compactor.compact().segmentsBefore
                if merged >= Self.manySegments {
                    try await compactor.vacuum()
                    merged = 0
                }
            } catch is CancellationError {
                return
            } catch {
                // The database is away, perhaps: what is not merged now is merged later.
                logger.warning("compaction failed", metadata: ["error": "\(String(reflecting: error))"])
            }
        }
    }
}
