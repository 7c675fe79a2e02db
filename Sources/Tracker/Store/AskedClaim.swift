import Experiment

/// A claim that may be answered together with others of the same sweep.
struct AskedClaim: Sendable {
    var claimant: ProcessIdentity
    var leaseSeconds: Double
    /// At least 1.
    var limit: Int
    /// The agent that asks, where it is W&B's.
    var agent: String?

    init(_ request: ClaimRequest, limit: Int? = nil, agent: String? = nil) {
        claimant = request.claimant
        leaseSeconds = request.leaseSeconds
        self.limit = limit ?? min(max(1, request.limit ?? 1), ClaimRequest.maximumLimit)
        self.agent = agent
    }
}

/// What a claim got, and the sweep as it was then.
struct TakenStages: Sendable {
    var sweep: SweepRow
    var claims: [StageClaim]
}
