import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Logged in the same row as the metrics of a step; millions.
    static let tokensMetric = "total_tokens_seen_m"

    /// Mean curves over the runs that agree in the `by` keys, by metric, keys and x. A run that has several values at an
    /// x (a second of time) counts with its last.
    package func compare(_ query: CompareQuery) async throws -> [CurvePoint] {
        let scope = RunScope(sweep: try await sweepRow(query.sweep))
        guard !query.metrics.isEmpty else {
            throw StoreError(.invalidQuery, "no metric is named; name at least one to compare")
        }
        try await check(metrics: query.metrics, in: scope)
        try await check(keys: query.by, in: scope)
        if query.axis == .tokens { try await check(metrics: [TrackerStore.tokensMetric], in: scope) }
        let rows = try await pool.query(
            """
            with latest as (\(TrackerStore.latestPoints(of: query.metrics, in: scope))),
            curves as (
                select l.metric, \(TrackerStore.configValues(query.by)) as keys, l.run, a.x,
                    (array_agg(l.value order by l.attempt desc, l.sequence desc))[1] as value
                from latest l join runs r on r.number = l.run \(axis(query.axis))
                group by l.metric, r.number, l.run, a.x)
            select m.name, c.keys, c.x, array_agg(c.value order by c.run)
            from curves c join metrics m on m.id = c.metric
            group by m.name, c.keys, c.x order by array_position(\(query.metrics), m.name), c.keys, c.x
            """)
        let points = try rows.map { row in
            let (metric, keys, x, values) = try row.decode(
                as: String.self, PostgresJSON.self, Double.self, [Double].self)
            let sample = Sample(values)
            return CurvePoint(
                metric: metric, keys: try keys.decode([JSONValue].self).map(\.label), x: x, mean: sample.mean,
                standardDeviation: sample.standardDeviation, count: sample.count)
        }
        return query.baseline.isEmpty ? points : try Baseline(query, points).compare(points)
    }

    /// The join that gives a point `l` of a run `r` its `a.x`.
    private func axis(_ axis: CompareQuery.Axis) -> PostgresQuery {
        switch axis {
        case .step: "cross join lateral (select l.step::float8 as x) a"
        case .tokens:
            """
            join lateral (
                select t.value as x from points t
                where t.run = l.run and t.attempt = l.attempt and t.sequence = l.sequence
                    and t.metric = (select id from metrics where name = \(TrackerStore.tokensMetric))) a on true
            """
        case .time: "cross join lateral (select floor(extract(epoch from l.time - r.started_at))::float8 as x) a"
        }
    }
}
