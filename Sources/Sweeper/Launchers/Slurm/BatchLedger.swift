package import Experiment

/// A sweep at the tracker, as whoever runs it in a batch system needs it. Every call throws a `LedgerError`.
package protocol BatchLedger: Sendable {
    /// The next stages whose input is done.
    func claims(_ request: ClaimRequest) async throws -> ClaimResponse
    /// May be sent twice.
    func send(_ event: StageReport.Event, of claim: StageClaim) async throws -> StageReportResponse
    func stages() async throws -> [StageStatus]
    func summary() async throws -> SweepSummary
    /// Sends what the run logs in `directory` still hold.
    func upload(directory: String, run: RunID) async throws
}
