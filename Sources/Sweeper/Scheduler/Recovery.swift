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

    /// Whether the claim of `claim` stands without a living claimant.
    ///
    /// - Parameters:
    ///   - me: This sweeper.
    ///   - isHeld: It watches the stage already.
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

    /// What an abandoned claim's trainer has come to.
    ///
    /// - Parameters:
    ///   - process: The trainer as the claim names it, or as it was found by its command line.
    ///   - result: What lies in the run's directory; a result of another attempt says nothing.
    package static func trainer(
        of claim: StageClaim, process: ProcessIdentity?, result: StageResult?, isAlive: (ProcessIdentity) -> Bool
    ) -> Trainer {
        if let process, isAlive(process) { return .alive(process) }
        if let result, result.attempt == claim.attempt { return .ended(result) }
        return .gone
    }
}
