package enum StageState: String, Codable, Sendable, CaseIterable {
    case pending
    case claimed
    case done
    case failed
    /// Ended early by order; its trial is over.
    case stopped
}

/// `GET /api/v1/sweeps/{id}/stages` gives an array of these, in the order of the plan.
package struct StageStatus: Codable, Sendable, Hashable {
    package var key: String
    package var name: String
    package var title: String
    package var state: StageState
    /// Starts so far.
    package var attempts: Int
    package var run: RunID
    package var config: [String: JSONValue]
    /// Set while claimed.
    package var claim: StageClaim?
    /// Why the last attempt failed, or what its holder noted as it began.
    package var message: String?
    package var cause: FailureCause?
    /// The run of another sweep that stands for it.
    package var reusedFrom: RunID?

    package init(
        key: String, name: String, title: String, state: StageState, attempts: Int, run: RunID,
        config: [String: JSONValue], claim: StageClaim?, message: String?, cause: FailureCause? = nil,
        reusedFrom: RunID? = nil
    ) {
        self.key = key
        self.name = name
        self.title = title
        self.state = state
        self.attempts = attempts
        self.run = run
        self.config = config
        self.claim = claim
        self.message = message
        self.cause = cause
        self.reusedFrom = reusedFrom
    }
}
