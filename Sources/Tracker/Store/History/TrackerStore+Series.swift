package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// One metric of a run, as it was logged; without its times in less time.
    package func series(
        run: Int32, metric: String, stream: HistoryStream = .metrics, withTimes: Bool = true
    ) async throws -> MetricSeries {
        try await pool.withConnection { try await series(run, metric, stream, withTimes: withTimes, on: $0) }
    }

    func series(
        _ run: Int32, _ metric: String, _ stream: HistoryStream, withTimes: Bool = true,
        on connection: PostgresConnection
    ) async throws -> MetricSeries {
        let rows = try await connection.query(
            """
            select \(SegmentFrame.columns(withTimes: withTimes)), v.positions, v.singles, v.doubles
            from segment_values v join segments s using (run, stream, attempt, first)
            where v.run = \(run) and v.stream = \(stream.number)
                and v.metric = (select id from metrics where name = \(metric))
            order by v.attempt, v.first
            """)
        var series = MetricSeries()
        for row in rows {
            let (
                attempt, first, count, sequences, step, stride, steps, time, times, longTimes, positions, singles,
                doubles
            ) = try row.decode(
                as: Int32.self, Int64.self, Int32.self, PackedArray<Int64>?.self, Int64.self, Int64?.self,
                PackedArray<Int64>?.self, Int64.self, PackedArray<Int32>?.self, PackedArray<Int64>?.self,
                PackedArray<Int16>?.self, PackedArray<Float>?.self, PackedArray<Double>?.self)
            let frame = try SegmentFrame(
                (attempt, first, count, sequences, step, stride, steps, time, times, longTimes), withTimes: withTimes)
            series.append(frame, try SegmentColumn(positions, singles, doubles, of: frame.count))
        }
        return series
    }

    /// What is known of a run's metrics without reading them, by name.
    package func seriesSummaries(run: Int32, stream: HistoryStream = .metrics) async throws -> [SeriesSummary] {
        let rows = try await pool.query(
            """
            select m.name, s.count, s.last, s.last_step, s.minimum, s.maximum
            from series s join metrics m on m.id = s.metric
            where s.run = \(run) and s.stream = \(stream.number) order by m.name collate "C"
            """)
        return try rows.map { row in
            let (name, count, last, lastStep, minimum, maximum) = try row.decode(
                as: String.self, Int.self, Double.self, Int64.self, Double?.self, Double?.self)
            return SeriesSummary(
                name: name, count: count, last: last, lastStep: lastStep, minimum: minimum, maximum: maximum)
        }
    }

    /// Names of the metrics that a run has logged, sorted.
    package func metricNames(run: RunID) async throws -> [String] {
        try await seriesSummaries(run: try await number(of: run)).map(\.name)
    }

    /// Every point of a run as it was logged, by metric, attempt and sequence.
    /// `metrics`: nil for all.
    package func history(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] {
        try await points(run, metrics) { $0 }
    }

    /// The curve of each metric, by metric and step: where several attempts logged a step, the latest counts.
    package func distinctHistory(run: RunID, metrics: [String]? = nil) async throws -> [MetricPoint] {
        try await points(run, metrics) { $0.latest }
    }

    private func points(
        _ run: RunID, _ metrics: [String]?, _ choose: @Sendable (MetricSeries) -> MetricSeries
    ) async throws -> [MetricPoint] {
        let number = try await number(of: run)
        let names = try await metricNames(run: run).filter { metrics?.contains($0) ?? true }
        return try await withSnapshot { connection in
            var points: [MetricPoint] = []
            for name in names {
                let series = choose(try await series(number, name, .metrics, on: connection))
                points += series.values.indices.map { index in
                    MetricPoint(
                        metric: name, attempt: Int(series.attempts[index]), sequence: series.sequences[index],
                        step: series.steps[index],
                        time: Date(timeIntervalSince1970: Double(series.times[index]) / 1_000_000),
                        value: series.values[index])
                }
            }
            return points
        }
    }
}

/// What is known of a run's metric without reading it.
package struct SeriesSummary: Codable, Sendable, Hashable {
    package var name: String
    package var count: Int
    package var last: Double
    package var lastStep: Int64
    /// Of all numbers logged, also those that a later attempt replaced; nil where all are NaN.
    package var minimum: Double?
    package var maximum: Double?
}
