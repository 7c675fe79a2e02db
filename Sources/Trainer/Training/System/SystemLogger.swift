import CUDA
import Dispatch
import Experiment
import FoundationEssentials
import Synchronization

/// The thread that logs how the machine is doing while a run goes on.
final class SystemLogger: Sendable {
    private let stopped = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// As often as W&B's client looks.
    private static let seconds = 15.0

    /// `SAGA_SYSTEM_SECONDS` between two looks; 0 looks never. Nil then.
    init?(
        uuids: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
        log: @escaping @Sendable (RunRecord) -> Void
    ) {
        let seconds = environment["SAGA_SYSTEM_SECONDS"].flatMap { Double($0) } ?? SystemLogger.seconds
        guard seconds > 0, seconds.isFinite else { return nil }
        let interval = DispatchTimeInterval.milliseconds(Int(max(10, min(seconds, 86_400) * 1000)))
        DispatchQueue(label: "saga.system", qos: .utility).async { [stopped, ended] in
            let devices = DeviceMonitor(uuids: uuids)
            var process = ProcessMonitor()
            while stopped.wait(timeout: .now() + interval) == .timedOut {
                let values = process.values().merging(devices?.values() ?? [:]) { $1 }
                let now = Date()
                // No two rows of a run have one step, whatever attempt they are of.
                log(.system(MetricRow(step: Int64(now.timeIntervalSince1970 * 1000), time: now, values: values)))
            }
            ended.signal()
        }
    }

    /// Nothing is logged any more when this returns.
    func stop() {
        stopped.signal()
        ended.wait()
    }
}
