import Dispatch
import Experiment
import SweepScheduler
import TrackerClient

/// A sweep's ledger at the tracker.
struct TrackerLedger: Ledger {
    let client: SweepClient
    let address: TrackerAddress
    /// Id of the sweep.
    let sweep: String

    func claim(_ request: ClaimRequest) async throws -> StageClaim? {
        try await translating { try await client.claim(sweep: sweep, request) }
    }

    func report(_ claim: StageClaim, _ event: StageReport.Event) async throws -> StageClaim? {
        try await translating {
            let report = StageReport(fence: claim.fence, event: event)
            return try await client.report(sweep: sweep, stageKey: claim.stageKey, report).claim
        }
    }

    func stages() async throws -> [StageStatus] { try await translating { try await client.stages(sweep: sweep) } }
    func summary() async throws -> SweepSummary { try await translating { try await client.sweep(sweep) } }

    func upload(directory: String, run: RunID) async throws {
        let address = address
        try await translating {
            // On a thread of its own: it blocks, and the few threads of Swift's pool watch the trainers.
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                DispatchQueue.global().async {
                    done.resume(
                        with: Result { _ = try RunLogSync.upload(directory: directory, run: run, address: address) })
                }
            }
        }
    }

    private func translating<Answer: Sendable>(_ ask: () async throws -> Answer) async throws -> Answer {
        do {
            return try await ask()
        } catch let error as TrackerClientError {
            let kind: LedgerError.Kind =
                if error.code == "stale_fence" { .lost } else if error.isTransient { .away } else { .refused }
            throw LedgerError(kind, code: error.code, error.description)
        }
    }
}
