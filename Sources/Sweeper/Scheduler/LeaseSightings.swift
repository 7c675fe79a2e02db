package import Experiment
import FoundationEssentials

/// For how long the leases of others must have been over, by this machine's own clock.
///
/// What was left of a lease when it was first seen as it is says the tracker's database, whose clock made it. That clock
/// may be stepped too, so that a lease which seems over is none before it was seen unchanged for a while: a living holder
/// renews it in that time.
package struct LeaseSightings: Sendable {
    private struct Sighting {
        var fence: Int64
        var leaseEnds: Double
        /// By this machine's clock.
        var ends: Double
    }

    private var sightings: [String: Sighting] = [:]

    package init() {}

    /// Seconds since the claim's lease must have ended; negative before. `lease` is how long it may last where the
    /// tracker does not tell.
    package mutating func overdue(_ claim: StageClaim, uptime: Double, lease: Double) -> Double {
        let leaseEnds = claim.leaseEnds.timeIntervalSinceReferenceDate
        if let seen = sightings[claim.stageKey], seen.fence == claim.fence, seen.leaseEnds == leaseEnds {
            return uptime - seen.ends
        }
        let ends = uptime + max(0, claim.leaseLeft ?? lease)
        sightings[claim.stageKey] = Sighting(fence: claim.fence, leaseEnds: leaseEnds, ends: ends)
        return uptime - ends
    }
}
