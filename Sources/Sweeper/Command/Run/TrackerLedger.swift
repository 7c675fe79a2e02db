import Dispatch
import Experiment
import SweepDefinition
import SweepScheduler
import Synchronization
import TrackerClient

/// A sweep's ledger at the tracker.
final class TrackerLedger: Ledger {
    private let address: TrackerAddress
    /// Id of the sweep.
    private let sweep: String
    /// Connections, so that slots do not wait for each other's answers.
    private let clients: [SweepClient]
    private let turn = Atomic(0)
    private let numbers: WrittenNumbers

    init(address: TrackerAddress, sweep: String, definition: Definition, connections: Int) {
        numbers = WrittenNumbers(definition)
        self.address = address
        self.sweep = sweep
        clients = (0..<max(1, connections)).map { _ in SweepClient(address: address) }
    }

    private var client: SweepClient {
        clients[turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max % clients.count]
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimResponse {
        var answer = try await translating { try await client.claims(sweep: sweep, request) }
        for index in answer.claims.indices { write(&answer.claims[index]) }
        return answer
    }

    func report(_ report: StageReport, of claim: StageClaim) async throws -> StageReportResponse {
        var answer = try await translating {
            try await client.report(sweep: sweep, stageKey: claim.stageKey, report)
        }
        if var claim = answer.claim {
            write(&claim)
            answer.claim = claim
        }
        return answer
    }

    /// Programs see numbers as the file has them; our trainer makes no difference.
    private func write(_ claim: inout StageClaim) {
        if claim.program != nil { claim.config = numbers.restored(claim.config) }
    }

    func stages() async throws -> [StageStatus] { try await translating { try await client.stages(sweep: sweep) } }
    func summary() async throws -> SweepSummary { try await translating { try await client.sweep(sweep) } }

    func retry(trials: [Int]) async throws {
        _ = try await translating { try await client.retry(sweep: sweep, RetryRequest(trials: trials)) }
    }

    func upload(directory: String, run: RunID) async throws {
        // Programs that are not our trainer keep no log here.
        guard !RunLog.attempts(directory: directory).isEmpty else { return }
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
