package import Experiment
package import Foundation

/// What a sweeper does about a claim that it finds: nothing while somebody may be behind it, else it takes it over.
package enum Recovery {
    package enum Trainer: Sendable, Hashable {
        case alive(ProcessIdentity)
        /// It ended while nobody watched; its result tells how.
        case ended(StageResult)
        /// It never started, or died without a result.
        case gone
    }

    /// Clocks of machines differ: a lease on another host has ended only this long after its end.
    package static let clockTolerance = 15.0

    /// Whether nobody can be behind `claim` any more. `me` is this sweeper, `isHeld` says that it watches the stage
    /// already, `isAlive` knows the processes of this host.
    package static func isAbandoned(
        _ claim: StageClaim, me: ProcessIdentity, isHeld: Bool, now: Date, isAlive: (ProcessIdentity) -> Bool
    ) -> Bool {
        if isHeld { return false }
        // Ours, but not held: the answer to the claim was lost on the way. Or of a host whose processes we cannot see.
        if claim.claimant == me || claim.claimant.host != me.host {
            return claim.leaseEnds.addingTimeInterval(clockTolerance) < now
        }
        return !isAlive(claim.claimant)
    }

    /// What the trainer of an abandoned claim has come to. `process` is the one that the claim names, or that was found
    /// by its command line; `result` lies in the run's directory, and says nothing when it is of another attempt.
    package static func trainer(
        of claim: StageClaim, process: ProcessIdentity?, result: StageResult?, isAlive: (ProcessIdentity) -> Bool
    ) -> Trainer {
        if let process, isAlive(process) { return .alive(process) }
        if let result, result.attempt == claim.attempt { return .ended(result) }
        return .gone
    }
}
