/// `POST /api/v1/sweeps/{id}/claims`: gives me the next stages whose input is done; fewer, or none, when there are no
/// more now.
package struct ClaimRequest: Codable, Sendable, Hashable {
    package static let maximumLimit = 1000

    package var claimant: ProcessIdentity
    package var leaseSeconds: Double
    /// How many stages at most; nil is one. A batch system takes several at once as an array.
    package var limit: Int?

    package init(claimant: ProcessIdentity, leaseSeconds: Double, limit: Int? = nil) {
        self.claimant = claimant
        self.leaseSeconds = leaseSeconds
        self.limit = limit
    }
}

package struct ClaimResponse: Codable, Sendable, Hashable {
    package var claims: [StageClaim]
    /// Of the sweep, so that who got nothing knows whether to wait.
    package var state: SweepSummary.State

    package init(claims: [StageClaim], state: SweepSummary.State) {
        self.claims = claims
        self.state = state
    }
}
