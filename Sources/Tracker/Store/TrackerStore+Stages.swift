package import Experiment
import Postgres

extension TrackerStore {
    /// The stages of a sweep in the order of its plan.
    /// `sweep`: id or name.
    package func stages(sweep: String) async throws -> [StageStatus] {
        let sweep = try await sweepRow(sweep)
        let rows = try await pool.query(
            "select \(StageRow.columns) from stages s where s.sweep = \(sweep.number) order by s.position")
        let stages = try rows.map(StageRow.init)
        let byKey = Dictionary(stages.map { ($0.key, $0) }) { $1 }
        return try stages.map { stage in
            StageStatus(
                key: stage.key, name: stage.name, title: stage.title, state: stage.state, attempts: stage.attempts,
                run: try runID(stage.run), config: stage.config, claim: stage.claim(in: sweep, among: byKey),
                message: stage.isBlocked ? "blocked: a stage before it has failed" : stage.message, cause: stage.cause,
                reusedFrom: stage.reusedFrom.flatMap(RunID.init))
        }
    }
}
