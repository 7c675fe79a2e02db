import Experiment

/// Since when, by this machine's own clock, each lease of others has been seen as it is.
struct LeaseSightings {
    private struct Sighting {
        var claim: StageClaim
        var since: Double
    }

    private var sightings: [String: Sighting] = [:]

    /// Seconds for which the claim has been seen unchanged; 0 at first sight.
    mutating func age(of claim: StageClaim, uptime: Double) -> Double {
        if let seen = sightings[claim.stageKey], seen.claim.fence == claim.fence,
            seen.claim.leaseEnds == claim.leaseEnds
        {
            return uptime - seen.since
        }
        sightings[claim.stageKey] = Sighting(claim: claim, since: uptime)
        return 0
    }
}
