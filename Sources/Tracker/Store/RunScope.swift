import Experiment
import Postgres

/// The runs that a question is about: `runs r where` this.
struct RunScope: Sendable {
    let condition: PostgresQuery
    let sweep: SweepRow?
    /// How messages call it.
    let name: String

    /// `runs`: the sweep's, see ``TrackerStore/runs(of:)``.
    init(sweep: SweepRow, runs: PostgresQuery, filter: PostgresQuery) {
        condition = "\(runs) and \(filter)"
        self.sweep = sweep
        name = "sweep '\(sweep.name)'"
    }

    /// `project`: nil for all runs.
    init(project: String?, filter: PostgresQuery) {
        condition = project.map { "r.project = \($0) and \(filter)" } ?? filter
        sweep = nil
        name = project.map { "project '\($0)'" } ?? "the tracker"
    }
}

extension TrackerStore {
    /// `sweep`: id or name.
    func scope(sweep: String?, project: String?, filter: RunPredicate) async throws -> RunScope {
        let condition = try filter.sql()
        guard let sweep else { return RunScope(project: project, filter: condition) }
        let row = try await sweepRow(sweep)
        return RunScope(sweep: row, runs: try await runs(of: row), filter: condition)
    }

    /// `runs r where` this: the runs that the sweep has made, and those of other sweeps that stand for its stages.
    func runs(of sweep: SweepRow) async throws -> PostgresQuery {
        let others = try await standIns(of: sweep)
        // Most sweeps have none: their queries keep the plan of the plain condition.
        return others.isEmpty ? "r.sweep = \(sweep.id)" : "(r.sweep = \(sweep.id) or r.id = any(\(others)))"
    }

    /// The same as a predicate.
    /// `sweep`: id or name.
    package func predicate(runsOf sweep: String) async throws -> RunPredicate {
        let row = try await sweepRow(sweep)
        let own = RunPredicate.equals(.column(.sweep), .string(row.id))
        let others = try await standIns(of: row)
        return others.isEmpty ? own : .any([own, .isAmong(.column(.id), others.map(JSONValue.string))])
    }

    /// Runs of other sweeps that stand for stages of this one.
    private func standIns(of sweep: SweepRow) async throws -> [String] {
        try await texts(
            "select distinct reused_from from stages where sweep = \(sweep.number) and reused_from is not null")
    }

    /// Refuses metrics that no run in the scope has a value of.
    func check(metrics: [String], in scope: RunScope) async throws {
        for metric in metrics {
            let found = try await pool.query(
                """
                select 1 from runs r join \(RunValues.join(metric: metric)) where \(scope.condition)
                union all
                select 1 from runs r where \(scope.condition) and r.summary ? \(metric)
                limit 1
                """)
            guard found.isEmpty else { continue }
            let known = try await texts(
                "select distinct jsonb_object_keys(r.summary) from runs r where \(scope.condition)")
            throw StoreError(
                .unknownMetric, "no run of \(scope.name) has the metric '\(metric)'\(didYouMean(metric, among: known))")
        }
    }

    /// Refuses config keys that no run in the scope has.
    func check(keys: [String], in scope: RunScope) async throws {
        for key in keys {
            let found = try await pool.query(
                "select 1 from runs r where \(scope.condition) and r.config ? \(key) limit 1")
            guard found.isEmpty else { continue }
            let known = try await texts(
                "select distinct jsonb_object_keys(r.config) from runs r where \(scope.condition)")
            throw StoreError(
                .unknownKey, "no run of \(scope.name) has the config key '\(key)'\(didYouMean(key, among: known))")
        }
    }

    func texts(_ query: PostgresQuery) async throws -> [String] {
        let rows = try await pool.query(query)
        return try rows.map { try $0.decode(as: String.self) }
    }

    /// The values of some config keys as one JSON array, null where a key is missing.
    static func configValues(_ keys: [String]) -> PostgresQuery {
        """
        (select coalesce(jsonb_agg(r.config -> k.key order by k.place), '[]')
        from unnest(\(keys)) with ordinality k(key, place))
        """
    }
}
