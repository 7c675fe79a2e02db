import Experiment
import FoundationEssentials
import Postgres

/// A sweep's own row.
struct SweepRow: Sendable {
    let number: Int32
    let id: String
    let name: String
    let project: String
    let metric: String?
    let goal: Goal
    let maximumAttempts: Int
    let variedKeys: [String]
    let created: Date
    let definition: String
    let file: String?
    let method: String
    let state: SweepState
    /// Its runs are drawn by W&B's agents, and it has no stages.
    let isDrawn: Bool
    /// The search has nothing more to draw.
    let isExhausted: Bool
    let program: String?
    let command: [String]?
    /// By stage, where these have programs of their own.
    let programs: [String: StageProgram]
    let runCap: Int?
    let gpuSeconds: Double?
    let retryOn: [String]?
    let stopsEarly: Bool
    /// How often stages that were over were made pending again.
    let reopened: Int
    /// Beside `metric`, as the search's first draw wrote them down.
    var otherMetrics: [String]

    static let columns: PostgresQuery = """
        number, id, name, project, metric, goal, maximum_attempts, varied_keys, created_at, definition, file, method,
            state, is_drawn, is_exhausted, program, command, run_cap, gpu_seconds, retry_on, stops_early, reopened,
            other_metrics, programs
        """

    init(_ row: PostgresRow) throws {
        let (goal, state): (String, String)
        let (command, programs): (PostgresJSON?, PostgresJSON?)
        (
            number, id, name, project, metric, goal, maximumAttempts, variedKeys, created, definition, file, method,
            state, isDrawn, isExhausted, program, command, runCap, gpuSeconds, retryOn, stopsEarly,
            reopened, otherMetrics, programs
        ) = try row.decode(
            as: Int32.self, String.self, String.self, String.self, String?.self, String.self, Int.self, [String].self,
            Date.self, String.self, String?.self, String.self, String.self, Bool.self, Bool.self, String?.self,
            PostgresJSON?.self, Int?.self, Double?.self, [String]?.self, Bool.self, Int.self,
            [String].self, PostgresJSON?.self)
        self.goal = Goal(rawValue: goal) ?? .minimize
        self.state = SweepState(rawValue: state) ?? .running
        self.command = try command?.decode()
        self.programs = try programs?.decode() ?? [:]
    }

    /// What runs a stage of that name; nil: our trainer.
    func program(of stage: String) -> StageProgram? {
        program.map { StageProgram(program: $0, command: command) } ?? programs[stage]
    }

    var source: SearchSource { SearchSource(id: id, file: file ?? name, definition: definition) }

    /// Whether trials are planned one by one as they are asked for.
    var drawsTrials: Bool { !isDrawn && method != "grid" }
}
