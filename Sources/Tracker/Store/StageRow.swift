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
    let message: String?

    static let columns: PostgresQuery = """
        s.key, s.name, s.input, s.title, s.config, s.run, s.state, s.attempts, s.maximum_attempts, s.fence,
            s.claimant, s.process, s.directory, s.lease_ends, s.message
        """

    init(_ row: PostgresRow) throws {
        let (config, claimant, process): (PostgresJSON, PostgresJSON?, PostgresJSON?)
        let state: String
        (
            key, name, input, title, config, run, state, attempts, maximumAttempts, fence, claimant, process,
            directory, leaseEnds, message
        ) = try row.decode(
            as: String.self, String.self, String?.self, String.self, PostgresJSON.self, String.self, String.self,
            Int.self, Int.self, Int64.self, PostgresJSON?.self, PostgresJSON?.self, String?.self, Date?.self,
            String?.self)
        self.config = try config.decode()
        self.state = StageState(rawValue: state) ?? .failed
        self.claimant = try claimant?.decode()
        self.process = try process?.decode()
    }

    /// The claim on the stage, while there is one.
    /// - Parameter stages: at least the stages before it, by key.
    func claim(in sweep: SweepRow, among stages: [String: StageRow]) -> StageClaim? {
        guard state == .claimed, let claimant, let leaseEnds, let run = RunID(rawValue: run) else { return nil }
        var inputs: [String: String] = [:]
        var before = input.flatMap { stages[$0] }
        while let stage = before {
            inputs[stage.name] = stage.directory
            before = stage.input.flatMap { stages[$0] }
        }
        return StageClaim(
            sweep: sweep.id, sweepName: sweep.name, project: sweep.project, stageKey: key, stage: name, title: title,
            run: run, attempt: attempts, maximumAttempts: maximumAttempts, fence: fence, config: config,
            inputs: inputs, claimant: claimant, process: process, directory: directory, leaseEnds: leaseEnds)
    }
}
