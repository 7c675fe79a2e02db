import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Logged in the same row as the metrics of a step; millions.
    static let tokensMetric = "total_tokens_seen_m"

    /// Mean curves over the runs that agree in the `by` keys, by metric, keys and x. A run that has several values at an
    /// x (a second of time) counts with its last.
    package func compare(_ query: CompareQuery) async throws -> [CurvePoint] {
        let scope = try await scope(sweep: query.sweep, project: query.project, filter: query.filter)
        guard !query.metrics.isEmpty else {
            throw StoreError(.invalidQuery, "no metric is named; name at least one to compare")
        }
        guard (0..<1).contains(query.smoothing) else {
            throw StoreError(.invalidQuery, "smoothing must be from 0 (none) to below 1, not \(query.smoothing)")
        }
        try await check(metrics: query.metrics, in: scope)
        try await check(keys: query.by, in: scope)
        if query.axis == .tokens { try await check(metrics: [TrackerStore.tokensMetric], in: scope) }
        let runs = try await comparedRuns(query, in: scope)
        var points: [CurvePoint] = []
        for metric in query.metrics {
            for group in Dictionary(grouping: runs, by: \.rank).sorted(by: { $0.key < $1.key }).map(\.value) {
                points += try await meanCurve(of: metric, group, query)
            }
        }
        return query.baseline.isEmpty ? points : try Baseline(query, points).compare(points)
    }

    private struct ComparedRun: Sendable {
        let number: Int32
        let started: Date?
        let keys: [String]
        /// Equal for runs with the same keys.
        let rank: Int
    }

    private func comparedRuns(_ query: CompareQuery, in scope: RunScope) async throws -> [ComparedRun] {
        let rows = try await select(
            """
            select c.number, c.started_at, c.keys, dense_rank() over (order by c.keys)
            from (
                select r.number, r.started_at, \(TrackerStore.configValues(query.by)) as keys
                from runs r where \(scope.condition)) c
            order by c.number
            """, query.filter)
        return try rows.map { row in
            let (number, started, keys, rank) = try row.decode(
                as: Int32.self, Date?.self, PostgresJSON.self, Int.self)
            return ComparedRun(
                number: number, started: started, keys: try keys.decode([JSONValue].self).map(\.label), rank: rank)
        }
    }

    private func meanCurve(
        of metric: String, _ runs: [ComparedRun], _ query: CompareQuery
    ) async throws -> [CurvePoint] {
        var values: [Double: [Double]] = [:]
        for run in runs {
            for point in try await curve(of: metric, run, query).points { values[point.x, default: []].append(point.y) }
        }
        return values.sorted { $0.key < $1.key }.map { x, values in
            let sample = Sample(values)
            return CurvePoint(
                metric: metric, keys: runs[0].keys, x: x, mean: sample.mean,
                standardDeviation: sample.standardDeviation, count: sample.count)
        }
    }

    private func curve(of metric: String, _ run: ComparedRun, _ query: CompareQuery) async throws -> RunCurve {
        let series = try await series(run: run.number, metric: metric).latest
        switch query.axis {
        case .step:
            return RunCurve(series, smoothing: query.smoothing) { Double(series.steps[$0]) }
        case .tokens:
            let tokens = try await self.series(run: run.number, metric: TrackerStore.tokensMetric)
            let rows = Dictionary(
                zip(zip(tokens.attempts, tokens.sequences).map(RecordPlace.init), tokens.values)
            ) { $1 }
            return RunCurve(series, smoothing: query.smoothing) {
                rows[RecordPlace(attempt: series.attempts[$0], sequence: series.sequences[$0])]
            }
        case .time:
            guard let start = run.started?.microseconds else {
                return RunCurve(MetricSeries(), smoothing: 0) { _ in nil }
            }
            return RunCurve(series, smoothing: query.smoothing) {
                (Double(series.times[$0] - start) / 1_000_000).rounded(.down)
            }
        }
    }
}

/// Which record of a run a value belongs to.
private struct RecordPlace: Hashable {
    let attempt: Int32
    let sequence: Int64
}
