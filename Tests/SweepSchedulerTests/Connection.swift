import Experiment
import SweepScheduler

/// One sweeper's line to the ledger, which may be disturbed, and with which the sweeper may die.
actor Connection: Ledger {
    struct SweeperDied: Error {}

    /// Gets the name of each request, first as `before NAME`; what it throws is what the sweeper gets.
    typealias Disturbance = @Sendable (String) async throws -> Void

    private let ledger: FakeLedger
    private let disturb: Disturbance?
    private var isDead = false

    init(_ ledger: FakeLedger, disturb: Disturbance? = nil) {
        self.ledger = ledger
        self.disturb = disturb
    }

    /// No request of this sweeper, whichever slot it comes from, is carried out any more.
    func die() { isDead = true }

    private func request<Answer: Sendable>(_ name: String, _ body: () async throws -> Answer) async throws -> Answer {
        if isDead { throw SweeperDied() }
        do {
            try await disturb?("before \(name)")
            let answer = try await body()
            try await disturb?(name)
            return answer
        } catch let error as SweeperDied {
            isDead = true
            throw error
        }
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimResponse {
        try await self.request("claim") { await ledger.claim(request) }
    }

    func report(_ report: StageReport, of claim: StageClaim) async throws -> StageReportResponse {
        let name =
            switch report.event {
            case .launching: "launching"
            case .started: "started"
            case .heartbeat: "heartbeat"
            case .submitted: "submitted"
            case .restarted: "restarted"
            case .reused: "reused"
            case .stopped: "stopped"
            case .succeeded: "succeeded"
            case .failed: "failed"
            case .adopt: "adopt"
            }
        return try await request(name) { try await ledger.report(report, of: claim) }
    }

    func stages() async throws -> [StageStatus] { try await request("stages") { await ledger.stages() } }
    func summary() async throws -> SweepSummary { try await request("summary") { await ledger.summary() } }

    func retry(trials: [Int]) async throws { try await request("retry") { await ledger.retry(trials: trials) } }

    func upload(directory: String, run: RunID) async throws {
        try await request("upload") { await ledger.upload(directory: directory) }
    }
}
