import BenchmarkSupport
import Experiment
import Foundation
import TrackerClient

/// One that works through a sweep's stages without doing what they ask for, over a connection of its own.
struct Claimer {
    private let client: HTTPClient
    private let sweep: String

    private static let me = ProcessIdentity(host: "benchmark", pid: 1, startTicks: 1)

    init(_ address: TrackerAddress, sweep: String) throws {
        client = try HTTPClient(address: address)
        self.sweep = sweep
    }

    /// Makes a sweep; its id.
    static func create(_ definition: String, at address: TrackerAddress) throws -> String {
        let request = CreateSweepRequest(definition: definition, file: "benchmark.yaml", new: true)
        let answer = try HTTPClient(address: address).exchange(
            .post, "/api/v1/sweeps", body: JSONCoding.encode(request), as: CreateSweepResponse.self)
        guard let answer else { throw Program.Failure(description: "the tracker made no sweep") }
        return answer.sweep.id
    }

    /// Nil when there is none left.
    func claim() throws -> StageClaim? {
        let request = ClaimRequest(claimant: Claimer.me, leaseSeconds: 60)
        return try client.exchange(
            .post, "/api/v1/sweeps/\(sweep)/claims", body: JSONCoding.encode(request), as: ClaimResponse.self
        )?.claims.first
    }

    func succeed(_ claim: StageClaim) throws {
        let report = StageReport(fence: claim.fence, event: .succeeded)
        _ = try client.exchange(
            .post, "/api/v1/sweeps/\(sweep)/stages/\(claim.stageKey)/reports", body: JSONCoding.encode(report),
            as: StageReportResponse.self)
    }

    /// The run begins, has one value, and ends.
    func log(_ claim: StageClaim, loss: Double) throws {
        let now = Date()
        let records: [RunRecord] = [
            .start(
                RunStart(
                    project: claim.project, name: claim.title, sweep: sweep, config: claim.config, host: "benchmark",
                    time: now)),
            .metrics(MetricRow(step: 0, time: now, values: ["loss": loss])),
            .finish(RunFinish(state: .finished, exitCode: 0, time: now)),
        ]
        let request = IngestRequest(
            attempt: claim.attempt,
            records: records.enumerated().map { SequencedRecord(sequence: Int64($0 + 1), record: $1) })
        _ = try client.exchange(
            .post, "/api/v1/runs/\(claim.run)/records", body: JSONCoding.encode(request), as: IngestResponse.self)
    }
}
