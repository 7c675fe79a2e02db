import Experiment
import Postgres

/// The runs that a question is about: `runs r where` this.
struct RunScope: Sendable {
    let condition: PostgresQuery
    let sweep: SweepRow?
    /// How messages call it.
    let name: String

    init(sweep: SweepRow) {
        condition = "r.sweep = \(sweep.id)"
        self.sweep = sweep
        name = "sweep '\(sweep.name)'"
    }

    /// - Parameter project: nil for all runs.
    init(project: String?) {
        condition = "(\(project)::text is null or r.project = \(project))"
        sweep = nil
        name = project.map { "project '\($0)'" } ?? "the tracker"
    }
}

extension TrackerStore {
    /// Refuses metrics that no run in the scope has a value of.
    func check(metrics: [String], in scope: RunScope) async throws {
        let known = try await texts(
            "select distinct jsonb_object_keys(r.summary) from runs r where \(scope.condition)")
        for metric in metrics where !known.contains(metric) {
            throw StoreError(
                .unknownMetric, "no run of \(scope.name) has the metric '\(metric)'\(didYouMean(metric, among: known))")
        }
    }

    /// Refuses config keys that no run in the scope has.
    func check(keys: [String], in scope: RunScope) async throws {
        guard !keys.isEmpty else { return }
        let known = try await texts(
            "select distinct jsonb_object_keys(r.config) from runs r where \(scope.condition)")
        for key in keys where !known.contains(key) {
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
