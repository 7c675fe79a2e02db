package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Runs that pass the filter, newest first.
    package func runs(_ filter: RunFilter) async throws -> [RunSummary] {
        var isOfSweep: PostgresQuery = "true"
        if let sweep = filter.sweep { isOfSweep = try await runs(of: sweepRow(sweep)) }
        return try await runs(
            where: """
                (\(filter.project)::text is null or project = \(filter.project))
                and \(isOfSweep)
                and (\(filter.state?.rawValue)::text is null or state = \(filter.state?.rawValue))
                and (\(filter.jobType)::text is null or job_type = \(filter.jobType))
                """, limit: filter.limit)
    }

    package func run(_ id: RunID) async throws -> RunSummary {
        guard let run = try await runs(where: "id = \(id.rawValue)", limit: 1).first else { throw Self.unknownRun(id) }
        return run
    }

    /// `order`: what follows `order by`.
    func runs(
        where scope: PostgresQuery, order: PostgresQuery = "number desc", limit: Int
    ) async throws -> [RunSummary] {
        let rows = try await pool.query(
            """
            select id, project, coalesce(name, id), group_name, sweep, job_type, state, config, summary, tags, host,
                attempt, exit_code, message, created_at, started_at, finished_at
            from runs r where \(scope) order by \(order) limit \(max(0, limit))
            """)
        return try rows.map(summary)
    }

    private func summary(_ row: PostgresRow) throws -> RunSummary {
        let (
            id, project, name, group, sweep, jobType, state, config, summary, tags, host, attempt, exitCode, message,
            created, started, finished
        ) = try row.decode(
            as: String.self, String.self, String.self, String?.self, String?.self, String?.self, String.self,
            PostgresJSON.self, PostgresJSON.self, [String].self, String?.self, Int.self, Int32?.self, String?.self,
            Date.self, Date?.self, Date?.self)
        return RunSummary(
            id: try runID(id), project: project, name: name, group: group, sweep: sweep, jobType: jobType,
            state: RunState(rawValue: state) ?? .crashed, config: try config.object(), summary: try summary.object(),
            tags: tags, host: host, attempt: attempt, exitCode: exitCode, message: message, created: created,
            started: started, finished: finished)
    }

    /// The run's key in all tables.
    package func number(of run: RunID) async throws -> Int32 {
        let rows = try await pool.query("select number from runs where id = \(run.rawValue)")
        guard let row = rows.first else { throw Self.unknownRun(run) }
        return try row.decode(as: Int32.self)
    }

    func runID(_ text: String) throws(StoreError) -> RunID {
        guard let id = RunID(rawValue: text) else {
            throw StoreError(.unknownRun, "the database holds a run with the unusable id '\(text)'; rename it")
        }
        return id
    }
}
