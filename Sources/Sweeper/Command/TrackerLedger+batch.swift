import Experiment
import SweepLaunchers

extension TrackerLedger: BatchLedger {
    func claims(_ request: ClaimRequest) async throws -> ClaimResponse { try await claim(request) }

    func send(_ event: StageReport.Event, of claim: StageClaim) async throws -> StageReportResponse {
        try await report(claim, event)
    }
}
