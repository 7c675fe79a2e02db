import Experiment
import Postgres

extension TrackerStore {
    /// The curves of a sweep's runs, each as far as the longest of `runs` has come: nothing beyond is comparable.
    package func drawnCurves(_ sweep: DrawnSweep, metric: String, asFarAs runs: Set<String>) async throws
        -> [DrawnCurve]
    {
        try await drawnCurves(sweep: sweep.id, metric: metric, asFarAs: runs)
    }

    func drawnCurves(sweep: String, metric: String, asFarAs runs: Set<String>) async throws -> [DrawnCurve] {
        let rows = try await pool.query(
            """
            with wanted as (
                select r.number, r.handle, r.state, m.id as metric from runs r, metrics m
                where r.sweep = \(sweep) and m.name = \(metric)),
            longest as (
                select max(e.count) as count from wanted w join series e on e.run = w.number and e.metric = w.metric
                where e.stream = 0 and w.handle = any(\(Array(runs)))),
            pieces as (
                select w.*, v.attempt, v.first, v.singles, v.doubles,
                    sum(coalesce(cardinality(v.singles), cardinality(v.doubles)))
                        over (partition by v.run order by v.attempt, v.first) as end
                from wanted w join segment_values v on v.run = w.number and v.metric = w.metric and v.stream = 0)
            select p.handle, p.state, p.singles, p.doubles from pieces p, longest l
            where p.end - coalesce(cardinality(p.singles), cardinality(p.doubles)) < l.count
            order by p.number, p.attempt, p.first
            """)
        var curves: [DrawnCurve] = []
        for row in rows {
            let (handle, state, singles, doubles) = try row.decode(
                as: String.self, String.self, PackedArray<Float>?.self, PackedArray<Double>?.self)
            if curves.last?.handle != handle {
                curves.append(DrawnCurve(handle: handle, state: RunState(rawValue: state) ?? .crashed, values: []))
            }
            let values = singles.map { $0.elements.map(Double.init) } ?? doubles?.elements ?? []
            curves[curves.count - 1].values += values.filter(\.isFinite)
        }
        return curves
    }
}
