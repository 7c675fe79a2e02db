package import Experiment

/// The tracker as the scheduler sees it: one sweep's stages, who runs them, and what became of them.
///
/// Every call throws a ``LedgerError``; any other error ends the scheduler as if it had been killed.
package protocol Ledger: Sendable {
    /// The next stages whose input is done, none when there are none now, and how the sweep stands.
    func claim(_ request: ClaimRequest) async throws -> ClaimResponse

    /// The claim as it is after the report, nil when the stage is no longer claimed. May be sent twice.
    func report(_ report: StageReport, of claim: StageClaim) async throws -> StageReportResponse

    func stages() async throws -> [StageStatus]
    func summary() async throws -> SweepSummary

    /// Gives the stages of these trials another round of attempts.
    func retry(trials: [Int]) async throws

    /// Sends what the run logs in `directory` still hold; returns when the tracker has everything.
    func upload(directory: String, run: RunID) async throws
}

extension Ledger {
    /// Reports about a claim by its fence.
    package func report(
        _ claim: StageClaim, _ event: StageReport.Event, artefact: String? = nil, note: String? = nil,
        retryAfter: Double? = nil
    ) async throws -> StageReportResponse {
        let report = StageReport(
            fence: claim.fence, event: event, artefact: artefact, note: note, retryAfter: retryAfter)
        return try await self.report(report, of: claim)
    }
}

/// Why the tracker did not do what it was asked.
package struct LedgerError: UserFacingError, Hashable {
    package enum Kind: Sendable {
        /// No answer, or one that asks for patience: the same request may succeed later.
        case away
        /// The claim belongs to somebody else by now.
        case lost
        /// Asking again will not help.
        case refused
    }

    package let kind: Kind
    package let code: String
    package let description: String

    package init(_ kind: Kind, code: String, _ description: String) {
        self.kind = kind
        self.code = code
        self.description = description
    }
}
