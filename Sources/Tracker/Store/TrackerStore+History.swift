package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Names of the metrics that a run has logged, sorted.
    package func metricNames(run: RunID) async throws -> [String] {
        let number = try await number(of: run)
        let rows = try await pool.query(
            """
            select name from metrics m where exists (select from points where run = \(number) and metric = m.id)
            order by name collate "C"
            """)
        return try rows.map { try $0.decode(as: String.self) }
    }

    /// Every point of a run as it was logged, by metric, attempt and sequence.
    /// - Parameter metrics: nil for all.
    package func history(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] {
        try await points(
            run, metrics, select: "select", order: #"order by m.name collate "C", p.attempt, p.sequence"#)
    }

    /// The curve of each metric, by metric and step: where several attempts logged a step, the latest counts.
    package func distinctHistory(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] {
        try await points(
            run, metrics, select: #"select distinct on (m.name collate "C", p.step)"#,
            order: #"order by m.name collate "C", p.step, p.attempt desc, p.sequence desc"#)
    }

    private func points(
        _ run: RunID, _ metrics: [String]?, select: PostgresQuery, order: PostgresQuery
    ) async throws -> [MetricPoint] {
        let number = try await number(of: run)
        let rows = try await pool.query(
            """
            \(select) m.name, p.attempt, p.sequence, p.step, p.time, p.value
            from points p join metrics m on m.id = p.metric
            where p.run = \(number) and (\(metrics)::text[] is null or m.name = any(\(metrics)))
            \(order)
            """)
        return try rows.map { row in
            let (metric, attempt, sequence, step, time, value) = try row.decode(
                as: String.self, Int.self, Int64.self, Int64.self, Date.self, Double.self)
            return MetricPoint(
                metric: metric, attempt: attempt, sequence: sequence, step: step, time: time, value: value)
        }
    }
}
