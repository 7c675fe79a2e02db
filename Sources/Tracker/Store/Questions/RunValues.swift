import Experiment
import Postgres

/// The value by which each run of a scope competes: `(number, value)`.
struct RunValues: Sendable {
    let query: BestQuery
    let scope: RunScope
    /// Runs whose value is not in the table `series`, worked out from their history: those in which later values
    /// replaced earlier ones.
    var replaced: [Int32: Double] = [:]

    /// What `series s` and `runs r` are joined by.
    static func join(metric: String) -> PostgresQuery {
        "series s on s.run = r.number and s.stream = 0 and s.metric = (select id from metrics where name = \(metric))"
    }

    var sql: PostgresQuery {
        // A text in the summary is a number only where it spells one that JSON has no word for.
        """
        select r.number, coalesce(w.value, \(value),
            case when jsonb_typeof(r.summary -> \(query.metric)) = 'number'
                or r.summary ->> \(query.metric) in ('NaN', 'Infinity', '-Infinity')
            then (r.summary ->> \(query.metric))::float8 end) as value
        from runs r left join \(RunValues.join(metric: query.metric))
        left join unnest(\(Array(replaced.keys)), \(Array(replaced.values))) w(run, value) on w.run = r.number
        where \(scope.condition)
        """
    }

    private var value: PostgresQuery {
        switch query.aggregate {
        case .last: "coalesce(s.summary, s.last)"
        // A NaN is neither the least nor the greatest; a run of nothing else keeps it.
        case .min: "case when s.run is not null then coalesce(s.minimum, 'NaN') end"
        case .max: "case when s.run is not null then coalesce(s.maximum, 'NaN') end"
        case .mean:
            """
            case when s.run is not null then (
                select avg(l.value) from (
                    select coalesce(u.double, u.single) as value
                    from segment_values v
                    cross join lateral unnest(v.singles, v.doubles) with ordinality u(single, double, number)
                    where v.run = s.run and v.metric = s.metric and v.stream = 0
                    order by v.attempt desc, v.first desc, u.number desc limit \(max(1, query.lastCount))) l) end
            """
        }
    }
}

extension BestQuery {
    /// A run's value, worked out from its curve.
    func value(of curve: MetricSeries) -> Double {
        switch aggregate {
        case .last: return curve.values.last ?? .nan
        case .min: return curve.values.filter { !$0.isNaN }.min() ?? .nan
        case .max: return curve.values.filter { !$0.isNaN }.max() ?? .nan
        case .mean:
            let last = curve.values.suffix(Swift.max(1, lastCount))
            return last.reduce(0, +) / Double(last.count)
        }
    }
}
