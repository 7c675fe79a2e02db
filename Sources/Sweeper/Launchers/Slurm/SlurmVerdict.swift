package import Experiment

/// All that is known of one claim's job at one moment.
package struct SlurmEvidence: Sendable, Hashable {
    /// As `squeue` shows it, else as `sacct` does.
    package var job: SlurmJob?
    /// What the trainer wrote.
    package var result: StageResult?
    /// Looks in a row that decided nothing, though Slurm answered.
    package var absences: Int
    /// This sweeper has ended the job by order of the tracker.
    package var order: String?

    package init(job: SlurmJob? = nil, result: StageResult? = nil, absences: Int = 0, order: String? = nil) {
        self.job = job
        self.result = result
        self.absences = absences
        self.order = order
    }
}

/// What the evidence says about a claim. Pure: the same evidence gives the same verdict.
package enum SlurmVerdict: Sendable, Hashable {
    /// `restarts` counts Slurm's own; `note` is for people where they can do something about it.
    case waiting(restarts: Int, note: String?)
    case running(restarts: Int)
    case succeeded(restarts: Int)
    case stopped(reason: String)
    case failed(message: String, cause: FailureCause, restarts: Int)
    /// Too little is known: look again.
    case undecided

    /// So many looks without a trace of a job, and without a result of it, say that it is gone.
    package static let patience = 5

    package init(claim: StageClaim, evidence: SlurmEvidence) {
        let known = claim.job?.restarts ?? 0
        // The script numbers attempts by Slurm's restarts, so a result tells how many there were where Slurm does not.
        let base = claim.attempt - known
        let result = evidence.result.flatMap { $0.attempt >= claim.attempt ? $0 : nil }
        let restarts = max(known, evidence.job?.restarts ?? 0, result.map { $0.attempt - base } ?? 0)
        // A result of an attempt before the last restart is history.
        let last = result.flatMap { $0.attempt == base + restarts ? $0 : nil }
        // Written last of all: whatever Slurm says, the work is done.
        if last?.state == .finished {
            self = .succeeded(restarts: restarts)
            return
        }
        guard let job = evidence.job else {
            self = SlurmVerdict.absent(claim, evidence, last, restarts)
            return
        }
        switch job.state.phase {
        case .waiting: self = .waiting(restarts: restarts, note: SlurmVerdict.note(job))
        case .running: self = .running(restarts: restarts)
        case .over: self = SlurmVerdict.over(claim, job, evidence, last, restarts)
        }
    }

    private static func over(
        _ claim: StageClaim, _ job: SlurmJob, _ evidence: SlurmEvidence, _ result: StageResult?, _ restarts: Int
    ) -> SlurmVerdict {
        func failed(_ cause: FailureCause, _ message: String) -> SlurmVerdict {
            .failed(message: message, cause: cause, restarts: restarts)
        }
        let log = claim.directory.map { "; see \($0)/output.log" } ?? ""
        if let order = evidence.order { return .stopped(reason: order) }
        switch job.state {
        case .completed:
            // Programs that are not our trainer leave no result.
            if claim.program != nil { return .succeeded(restarts: restarts) }
            if let result { return failure(claim, result, restarts, log) }
            // The result may take a moment to be seen through a network file system.
            if evidence.absences < patience { return .undecided }
            return failed(.program, "job \(job.id) ended well and left no result\(log)")
        case .failed:
            if job.exitCode == SlurmScript.requeueFailed {
                return failed(.timeLimit, timeIsUp(claim, "job \(job.id)") + log)
            }
            if let result { return failure(claim, result, restarts, log) }
            if let signal = job.signal, signal != 0 {
                return failed(.program, "job \(job.id) was killed by signal \(signal)\(log)")
            }
            let code = job.exitCode ?? 1
            return failed(
                claim.program == nil && settingsErrors.contains(code) ? .settings : .program,
                "job \(job.id) ended with exit code \(code)\(log)")
        case .cancelled: return failed(.cancelled, "job \(job.id) was cancelled; 'sweeper retry' starts it again")
        case .timeout, .deadline:
            return failed(
                .timeLimit,
                "job \(job.id) reached its time limit without being requeued; raise 'time' of 'resources' or --lead")
        case .outOfMemory: return failed(.outOfMemory, "job \(job.id) ran out of memory; raise 'memory' of 'resources'")
        case .nodeFail, .bootFail: return failed(.nodeFailure, "job \(job.id) lost its node")
        case .preempted, .revoked: return failed(.preempted, "job \(job.id) was preempted")
        default: return .undecided
        }
    }

    /// Slurm forgets jobs `MinJobAge` after their end, by default five minutes.
    private static func absent(
        _ claim: StageClaim, _ evidence: SlurmEvidence, _ result: StageResult?, _ restarts: Int
    ) -> SlurmVerdict {
        guard evidence.absences >= patience else { return .undecided }
        if let order = evidence.order { return .stopped(reason: order) }
        let log = claim.directory.map { "; see \($0)/output.log" } ?? ""
        if let result { return failure(claim, result, restarts, log) }
        let id = claim.job?.id ?? "?"
        return .failed(
            message: "Slurm does not know job \(id) any more and it left no result\(log)", cause: .lost,
            restarts: restarts)
    }

    private static func failure(
        _ claim: StageClaim, _ result: StageResult, _ restarts: Int, _ log: String
    ) -> SlurmVerdict {
        guard let program = claim.program else {
            return .failed(
                message: result.message ?? "the trainer ended with exit code \(result.exitCode)\(log)",
                cause: settingsErrors.contains(result.exitCode) ? .settings : .program, restarts: restarts)
        }
        if result.exitCode == SlurmScript.requeueFailed {
            return .failed(message: timeIsUp(claim, program) + log, cause: .timeLimit, restarts: restarts)
        }
        return .failed(
            message: "\(program) ended with exit code \(result.exitCode)\(log)", cause: .program, restarts: restarts)
    }

    private static func timeIsUp(_ claim: StageClaim, _ what: String) -> String {
        claim.program == nil
            ? "\(what) neared its time limit and Slurm did not requeue it"
            : "\(what) reached its time limit; raise 'time' of 'resources'"
    }

    /// Exit codes by which our trainer says that its settings are wrong (64 is `EX_USAGE`).
    private static let settingsErrors: Set<Int32> = [2, 64]

    /// What keeps a job from ever starting by itself.
    private static func note(_ job: SlurmJob) -> String? {
        let reason = job.reason ?? ""
        return switch reason {
        case "JobHeldUser", "JobHeldAdmin": "job \(job.id) is held; 'scontrol release \(job.id)' lets it go"
        case "launch_failed_requeued_held", "launch failed requeued held":
            "job \(job.id) could not be started on its node and is held; look at the node, then 'scontrol release \(job.id)'"
        case "PartitionDown", "PartitionInactive", "PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints",
            "AssocMaxJobsLimit", "ReqNodeNotAvail":
            "job \(job.id) waits: \(reason)"
        default: nil
        }
    }
}
