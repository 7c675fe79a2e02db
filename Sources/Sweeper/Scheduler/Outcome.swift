package import Experiment

/// How an attempt ended, as far as this machine can tell.
package struct Ending: Sendable, Hashable {
    package enum Interruption: Sendable, Hashable {
        /// The tracker said so.
        case order(reason: String)
        case timeLimit(seconds: Int)
    }

    package var status: ProcessStatus
    /// What the trainer itself wrote.
    package var result: StageResult?
    package var shortage: MemoryShortage?
    /// Why this sweeper ended it, if it did.
    package var interruption: Interruption?

    package init(
        status: ProcessStatus, result: StageResult? = nil, shortage: MemoryShortage? = nil,
        interruption: Interruption? = nil
    ) {
        self.status = status
        self.result = result
        self.shortage = shortage
        self.interruption = interruption
    }
}

/// What the end of a trainer means for its stage.
package enum Outcome: Sendable, Hashable {
    case succeeded
    /// What another sweep has made stands for it.
    case reused
    /// By order of the tracker.
    case stopped(reason: String)
    /// `retry` gives the stage back. `blamesNode` says that the machine may be at fault, not the configuration.
    case failed(message: String, cause: FailureCause, retry: Bool, blamesNode: Bool)
}

extension Outcome {
    /// Exit codes by which a trainer says that its settings are wrong: starting it again cannot help.
    /// 64 is `EX_USAGE`, which the argument parser exits with. Of other programs these codes mean nothing.
    static let settingsErrors: Set<Int32> = [2, 64]

    /// Decides by the trainer's own result where it left one for this attempt, else by how its process ended. Programs
    /// that are not our trainer leave none: their exit code decides.
    package init(claim: StageClaim, ending: Ending, retries: (FailureCause) -> Bool) {
        let result = ending.result.flatMap { $0.attempt == claim.attempt ? $0 : nil }
        let isProgram = claim.program != nil
        if result?.state == .finished || isProgram && ending.status == .exited(code: 0) {
            self = .succeeded
            return
        }
        if case .order(let reason) = ending.interruption {
            self = .stopped(reason: reason)
            return
        }
        let (cause, message) = Outcome.reason(claim, ending, result)
        let retry = claim.attempt < claim.maximumAttempts && retries(cause)
        let blamesNode = cause == .program || cause == .lost || cause == .launch
        self = .failed(message: message, cause: cause, retry: retry, blamesNode: blamesNode)
    }

    private static func reason(
        _ claim: StageClaim, _ ending: Ending, _ result: StageResult?
    ) -> (FailureCause, String) {
        if case .timeLimit(let seconds) = ending.interruption {
            return (.timeLimit, "it ran longer than its time limit of \(seconds) s; raise 'time' of 'resources'")
        }
        let said = result?.message ?? words(claim, result.map { .exited(code: $0.exitCode) } ?? ending.status)
        if ending.shortage != nil { return (.outOfMemory, "out of memory: \(said)") }
        let code: Int32? =
            if let result { result.exitCode } else if case .exited(let code) = ending.status { code } else { nil }
        if claim.program == nil, let code, settingsErrors.contains(code) { return (.settings, said) }
        return (code == nil && ending.status == .gone ? .lost : .program, said)
    }

    private static func words(_ claim: StageClaim, _ status: ProcessStatus) -> String {
        let log = claim.directory.map { "; see \($0)/output.log" } ?? ""
        let who = claim.program ?? "the trainer"
        return switch status {
        case .exited(let code) where claim.program != nil: "\(who) ended with exit code \(code)\(log)"
        case .exited(let code): "\(who) ended with exit code \(code) and left no result\(log)"
        case .signalled(let signal): "\(who) was killed by signal \(signal)\(log)"
        case .gone, .running: "\(who) vanished without a result\(log)"
        }
    }
}
