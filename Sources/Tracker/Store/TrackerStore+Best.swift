import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// The runs, or groups of runs, that did best by a metric. A run or group with a NaN comes last.
    package func best(_ query: BestQuery) async throws -> [BestRow] {
        let scope = try await scope(of: query)
        try await check(metrics: [query.metric], in: scope)
        try await check(keys: query.groupBy, in: scope)
        let goal =
            query.goal ?? scope.sweep.flatMap { $0.metric == query.metric ? $0.goal : nil } ?? .minimize
        let limit = max(0, query.limit)
        guard query.groupBy.isEmpty else { return Array(try await groups(query, goal, in: scope).prefix(limit)) }
        let keys = try await variedKeys(in: scope)
        let rows = try await pool.query(
            """
            select s.value, r.id, coalesce(r.name, r.id), \(TrackerStore.configValues(keys))
            from (
                select * from (\(values(of: query, in: scope))) all_values
                order by value = 'NaN', \(sign(goal)) * value, number limit \(limit)) s
            join runs r on r.number = s.number
            order by s.value = 'NaN', \(sign(goal)) * s.value, s.number
            """)
        return try rows.enumerated().map { index, row in
            let (value, id, name, config) = try row.decode(
                as: Double.self, String.self, String.self, PostgresJSON.self)
            return BestRow(
                rank: index + 1, value: value, standardDeviation: nil, count: 1, run: try runID(id), name: name,
                config: try present(config, keys))
        }
    }

    private func groups(_ query: BestQuery, _ goal: Goal, in scope: RunScope) async throws -> [BestRow] {
        let rows = try await pool.query(
            """
            select g.values, r.id, coalesce(r.name, r.id), \(TrackerStore.configValues(query.groupBy))
            from (
                select array_agg(v.value order by v.number) as values,
                    (array_agg(v.number order by v.value = 'NaN', \(sign(goal)) * v.value, v.number))[1] as best
                from (
                    select s.number, s.value, \(TrackerStore.configValues(query.groupBy)) as keys
                    from (\(values(of: query, in: scope))) s join runs r on r.number = s.number) v
                group by v.keys) g
            join runs r on r.number = g.best order by r.number
            """)
        let groups = try rows.map { row in
            let (values, id, name, config) = try row.decode(
                as: [Double].self, String.self, String.self, PostgresJSON.self)
            let sample = Sample(values)
            return BestRow(
                rank: 0, value: sample.mean, standardDeviation: sample.standardDeviation, count: sample.count,
                run: try runID(id), name: name, config: try present(config, query.groupBy))
        }
        // Sorting keeps the order of equals: the older run first.
        let ranked = groups.sorted { left, right in
            if left.value.isNaN || right.value.isNaN { return !left.value.isNaN && right.value.isNaN }
            return goal == .minimize ? left.value < right.value : left.value > right.value
        }
        return ranked.enumerated().map { index, row in
            var row = row
            row.rank = index + 1
            return row
        }
    }

    /// What values are multiplied with to make the least the best.
    private func sign(_ goal: Goal) -> Double { goal == .minimize ? 1 : -1 }

    private func present(_ values: PostgresJSON, _ keys: [String]) throws -> [String: JSONValue] {
        Dictionary(zip(keys, try values.decode([JSONValue].self))) { $1 }.filter { $1 != .null }
    }

    private func scope(of query: BestQuery) async throws -> RunScope {
        guard let sweep = query.sweep else { return RunScope(project: query.project) }
        return RunScope(sweep: try await sweepRow(sweep))
    }

    /// `(number, value)` of each run that has the metric.
    private func values(of query: BestQuery, in scope: RunScope) -> PostgresQuery {
        switch query.aggregate {
        case .last:
            // A text in the summary is a number only where it spells one that JSON has no word for.
            return """
                select r.number, (r.summary ->> \(query.metric))::float8 as value from runs r
                where \(scope.condition) and (jsonb_typeof(r.summary -> \(query.metric)) = 'number'
                    or r.summary ->> \(query.metric) in ('NaN', 'Infinity', '-Infinity'))
                """
        case .min, .max:
            let function: PostgresQuery = query.aggregate == .min ? "min" : "max"
            // A NaN is neither the least nor the greatest; a run of nothing else keeps it.
            return """
                select d.run as number, coalesce(\(function)(d.value) filter (where d.value <> 'NaN'), 'NaN') as value
                from (\(TrackerStore.latestPoints(of: [query.metric], in: scope))) d group by d.run
                """
        }
    }

    /// The columns of `points`, one row for each run, metric and step: where several attempts logged a step, the
    /// latest counts.
    static func latestPoints(of metrics: [String], in scope: RunScope) -> PostgresQuery {
        """
        select distinct on (p.run, p.metric, p.step) p.*
        from points p join runs r on r.number = p.run
        where \(scope.condition) and p.metric in (select id from metrics where name = any(\(metrics)))
        order by p.run, p.metric, p.step, p.attempt desc, p.sequence desc
        """
    }

    private func variedKeys(in scope: RunScope) async throws -> [String] {
        if let sweep = scope.sweep { return sweep.variedKeys }
        return try await texts(
            """
            select c.key from runs r, jsonb_each(r.config) c where \(scope.condition)
            group by c.key having count(distinct c.value) > 1 order by c.key
            """)
    }
}
