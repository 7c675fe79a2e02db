import Dispatch
import Experiment
import Synchronization

/// The thread that uploads the logs of a run's directory while its trainer works.
final class RunLogUpload: Sendable {
    private enum Phase {
        case running
        /// The trainer is done: upload what is left and end.
        case finishing
        /// End now.
        case stopped
    }

    private static let gatherSeconds = 0.5

    private let directory: String
    private let run: RunID
    private let address: TrackerAddress
    private let phase = Mutex(Phase.running)
    private let complete = Mutex(false)
    /// Set by whoever logs; a trainer's thread pays for a system call only when ours sleeps.
    private let hasNew = Atomic(false)
    private let isIdle = Atomic(false)
    private let wakeUp = DispatchSemaphore(value: 0)
    private let phaseChanged = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(directory: String, run: RunID, address: TrackerAddress) {
        self.directory = directory
        self.run = run
        self.address = address
        let queue = DispatchQueue(label: "saga.upload.\(run)", qos: .utility)
        queue.async { self.work() }
    }

    /// Says that there is a new record.
    func wake() {
        hasNew.store(true, ordering: .sequentiallyConsistent)
        if isIdle.exchange(false, ordering: .sequentiallyConsistent) { wakeUp.signal() }
    }

    func stop() {
        phase.withLock { $0 = .stopped }
        phaseChanged.signal()
        wake()
    }

    /// Waits until everything is acknowledged or refused, or until the deadline.
    func finish(deadline: Duration) -> Bool {
        phase.withLock { if $0 == .running { $0 = .finishing } }
        phaseChanged.signal()
        wake()
        let (seconds, attoseconds) = deadline.components
        let limit = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
        guard ended.wait(timeout: limit) == .success else {
            stop()
            return false
        }
        // Left signalled, so that a second call does not wait.
        ended.signal()
        return complete.withLock { $0 }
    }

    private func work() {
        defer { ended.signal() }
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var warned: Set<String> = []
        var uploaders: [RunLogUploader] = []
        while true {
            let phase = phase.withLock { $0 }
            if phase == .stopped { return }
            hasNew.store(false, ordering: .sequentiallyConsistent)
            do throws(TrackerClientError) {
                if uploaders.isEmpty { uploaders = try openLogs() }
                try uploadAll(&uploaders)
                backoff.reset()
                if phase == .finishing { return complete.withLock { $0 = true } }
                waitForRecords()
            } catch {
                if warned.insert(error.code).inserted {
                    printWarning("\(error); the run goes on and its log is uploaded later")
                }
                if phase == .finishing && !error.isTransient { return }
                let longest = phase == .finishing ? 1.0 : Backoff.longest
                pause(seconds: min(longest, backoff.next(using: &generator)))
            }
        }
    }

    private func openLogs() throws(TrackerClientError) -> [RunLogUploader] {
        let client = try HTTPClient(address: address, timeout: 60)
        var uploaders: [RunLogUploader] = []
        for attempt in RunLog.attempts(directory: directory) {
            uploaders.append(
                try RunLogUploader(
                    directory: directory, run: run, attempt: attempt, client: client, warn: printWarning))
        }
        return uploaders
    }

    /// Older attempts first; their logs do not grow any more and are left once they are through.
    private func uploadAll(_ uploaders: inout [RunLogUploader]) throws(TrackerClientError) {
        while let uploader = uploaders.first {
            while try uploader.uploadBatch() {
                if phase.withLock({ $0 }) == .stopped { return }
            }
            if uploaders.count == 1 { return }
            uploaders.removeFirst()
        }
    }

    /// Sleeps until there is something new, and a little longer so that a fast run's records travel together.
    private func waitForRecords() {
        isIdle.store(true, ordering: .sequentiallyConsistent)
        let isNewAlready = hasNew.load(ordering: .sequentiallyConsistent)
        // Where somebody has seen that we are idle, his signal is on its way and must be taken.
        if !isNewAlready || !isIdle.exchange(false, ordering: .sequentiallyConsistent) { wakeUp.wait() }
        if phase.withLock({ $0 }) == .running { pause(seconds: Self.gatherSeconds) }
    }

    /// Sleeps for `seconds`, which records that come meanwhile do not shorten but the end of the run does.
    private func pause(seconds: Double) {
        _ = phaseChanged.wait(timeout: .now() + seconds)
    }
}
