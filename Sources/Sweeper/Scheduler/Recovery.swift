package import Experiment

/// What a sweeper does about a claim that it finds: nothing while somebody may be behind it, else it takes it over.
package enum Recovery {
    package enum Trainer: Sendable, Hashable {
        case alive(ProcessIdentity)
        /// It ended while nobody watched; its result tells how.
        case ended(StageResult)
        /// It never started, died without a result, or was asked to end.
        case gone
    }

    /// A holder that lives renews its claim within its lease. What has not been renewed for this long after, nobody
    /// holds.
    package static let tolerance = 15.0

    /// Whether nobody can be behind `claim` any more. `me` is this sweeper, `isHeld` says that it watches the stage
    /// already, `isAlive` knows the processes of this host.
    ///
    /// `overdue` says for how many seconds the lease must have been over, see ``LeaseSightings``.
    package static func isAbandoned(
        _ claim: StageClaim, me: ProcessIdentity, isHeld: Bool, overdue seconds: Double,
        isAlive: (ProcessIdentity) -> Bool
    ) -> Bool {
        // Jobs of a batch system need no sweeper to live.
        if isHeld || claim.job != nil { return false }
        if claim.claimant.host == me.host, !isAlive(claim.claimant) { return true }
        // Ours, but not held: the answer to the claim was lost on the way. Or of a sweeper that lives and hangs, or of
        // a host whose processes we cannot see.
        return seconds >= tolerance
    }

    /// What the trainer of an abandoned claim has come to. `process` is the one that the claim names, or that was found
    /// by its command line; `result` lies in the run's directory, and says nothing when it is of another attempt.
    package static func trainer(
        of claim: StageClaim, process: ProcessIdentity?, result: StageResult?, isAlive: (ProcessIdentity) -> Bool
    ) -> Trainer {
        if let process, isAlive(process) { return .alive(process) }
        // One that was asked to end, while its sweeper left or the machine went down, has not failed.
        guard let result, result.attempt == claim.attempt, result.state != .killed else { return .gone }
        return .ended(result)
    }
}
