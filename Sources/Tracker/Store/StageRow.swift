import Experiment
import FoundationEssentials
import Postgres

/// A stage's row, as claims and listings need it.
struct StageRow: Sendable {
    let key: String
    let name: String
    let input: String?
    let title: String
    let config: [String: JSONValue]
    let run: String
    let state: StageState
    let attempts: Int
    let maximumAttempts: Int
    let fence: Int64
    let claimant: ProcessIdentity?
    let process: ProcessIdentity?
    let directory: String?
    let leaseEnds: Date?
    /// By the database's clock.
    let leaseLeft: Double?
    let message: String?
    let trial: Int
    let resources: StageResources
    let job: BatchJob?
    let stopReason: String?
    let reusedFrom: String?
    let cause: FailureCause?
    let isBlocked: Bool

    static let columns: PostgresQuery = """
        s.key, s.name, s.input, s.title, s.config, s.run, s.state, s.attempts, s.maximum_attempts, s.fence,
            s.claimant, s.process, s.directory, s.lease_ends, extract(epoch from s.lease_ends - now())::float8,
            s.message, s.trial, s.resources, s.job, s.stop_reason, s.reused_from, s.cause, s.is_blocked
        """

    init(_ row: PostgresRow) throws {
        let (config, resources): (PostgresJSON, PostgresJSON)
        let (claimant, process, job): (PostgresJSON?, PostgresJSON?, PostgresJSON?)
        let state: String
        let cause: String?
        (
            key, name, input, title, config, run, state, attempts, maximumAttempts, fence, claimant, process,
            directory, leaseEnds, leaseLeft, message, trial, resources, job, stopReason, reusedFrom, cause, isBlocked
        ) = try row.decode(
            as: String.self, String.self, String?.self, String.self, PostgresJSON.self, String.self, String.self,
            Int.self, Int.self, Int64.self, PostgresJSON?.self, PostgresJSON?.self, String?.self, Date?.self,
            Double?.self, String?.self, Int.self, PostgresJSON.self, PostgresJSON?.self, String?.self, String?.self,
            String?.self, Bool.self)
        self.config = try config.object()
        self.state = StageState(rawValue: state) ?? .failed
        self.claimant = try claimant?.decode()
        self.process = try process?.decode()
        self.resources = try resources.decode()
        self.job = try job?.decode()
        self.cause = cause.flatMap(FailureCause.init)
    }

    /// The claim on the stage, while there is one.
    /// `stages`: at least the stages before it, by key.
    func claim(in sweep: SweepRow, among stages: [String: StageRow], reuse: StageReuse? = nil) -> StageClaim? {
        guard state == .claimed, let claimant, let leaseEnds, let run = RunID(rawValue: run) else { return nil }
        var inputs: [String: String] = [:]
        var before = input.flatMap { stages[$0] }
        while let stage = before {
            inputs[stage.name] = stage.directory
            before = stage.input.flatMap { stages[$0] }
        }
        let program = sweep.program(of: name)
        return StageClaim(
            sweep: sweep.id, sweepName: sweep.name, project: sweep.project, stageKey: key, stage: name, title: title,
            run: run, attempt: attempts, maximumAttempts: maximumAttempts, fence: fence, config: config,
            inputs: inputs, claimant: claimant, process: process, directory: directory, leaseEnds: leaseEnds,
            leaseLeft: leaseLeft, trial: trial > 0 ? trial : nil, program: program?.program, command: program?.command,
            resources: resources, job: job, reuse: reuse)
    }
}
