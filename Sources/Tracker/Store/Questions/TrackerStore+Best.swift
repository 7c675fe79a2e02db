import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// The runs, or groups of runs, that did best by a metric. A run or group with a NaN comes last.
    package func best(_ query: BestQuery) async throws -> [BestRow] {
        let scope = try await scope(sweep: query.sweep, project: query.project, filter: query.filter)
        try await check(metrics: [query.metric], in: scope)
        try await check(keys: query.groupBy, in: scope)
        let goal =
            query.goal ?? scope.sweep.flatMap { $0.metric == query.metric ? $0.goal : nil } ?? .minimize
        let limit = max(0, query.limit)
        let values = RunValues(query: query, scope: scope, replaced: try await replacedValues(query, in: scope))
        guard query.groupBy.isEmpty else { return Array(try await groups(values, goal).prefix(limit)) }
        let rows = try await select(
            """
            select s.value, r.id, coalesce(r.name, r.id), r.config
            from (
                select * from (\(values.sql)) all_values where value is not null
                order by value = 'NaN', \(sign(goal)) * value, number limit \(limit)) s
            join runs r on r.number = s.number
            order by s.value = 'NaN', \(sign(goal)) * s.value, s.number
            """, query.filter)
        let ranked = try rows.map { row in
            let (value, id, name, config) = try row.decode(
                as: Double.self, String.self, String.self, PostgresJSON.self)
            return (value: value, run: try runID(id), name: name, config: try config.object())
        }
        let keys = try await variedKeys(among: ranked.map(\.config), in: scope)
        return ranked.enumerated().map { index, row in
            BestRow(
                rank: index + 1, value: row.value, standardDeviation: nil, count: 1, run: row.run, name: row.name,
                config: row.config.filter { keys.contains($0.key) && $0.value != .null })
        }
    }

    private func groups(_ values: RunValues, _ goal: Goal) async throws -> [BestRow] {
        let keys = values.query.groupBy
        let rows = try await select(
            """
            select g.values, r.id, coalesce(r.name, r.id), \(TrackerStore.configValues(keys))
            from (
                select array_agg(v.value order by v.number) as values,
                    (array_agg(v.number order by v.value = 'NaN', \(sign(goal)) * v.value, v.number))[1] as best
                from (
                    select s.number, s.value, \(TrackerStore.configValues(keys)) as keys
                    from (\(values.sql)) s join runs r on r.number = s.number where s.value is not null) v
                group by v.keys) g
            join runs r on r.number = g.best order by r.number
            """, values.query.filter)
        let groups = try rows.map { row in
            let (values, id, name, config) = try row.decode(
                as: [Double].self, String.self, String.self, PostgresJSON.self)
            let sample = Sample(values)
            let members = Dictionary(zip(keys, try config.decode([JSONValue].self))) { $1 }
            return BestRow(
                rank: 0, value: sample.mean, standardDeviation: sample.standardDeviation, count: sample.count,
                run: try runID(id), name: name, config: members.filter { $1 != .null })
        }
        // Sorting keeps the order of equals: the older run first.
        let ranked = groups.sorted { left, right in
            if left.value.isNaN || right.value.isNaN { return !left.value.isNaN && right.value.isNaN }
            return goal.isBetter(left.value, than: right.value)
        }
        return ranked.enumerated().map { index, row in
            var row = row
            row.rank = index + 1
            return row
        }
    }

    /// What values are multiplied with to make the least the best.
    private func sign(_ goal: Goal) -> Double { goal == .minimize ? 1 : -1 }

    /// The values of runs in which later values replaced earlier ones; only their history tells.
    private func replacedValues(_ query: BestQuery, in scope: RunScope) async throws -> [Int32: Double] {
        guard query.aggregate != .last else { return [:] }
        let rows = try await select(
            """
            select r.number from runs r join \(RunValues.join(metric: query.metric))
            where \(scope.condition) and not s.rising
            """, query.filter)
        var values: [Int32: Double] = [:]
        for row in rows {
            let run = try row.decode(as: Int32.self)
            values[run] = query.value(of: try await series(run: run, metric: query.metric).latest)
        }
        return values
    }

    /// The config keys that tell runs apart: a sweep's own, else those in which the runs shown or the newest others
    /// differ.
    private func variedKeys(among shown: [[String: JSONValue]], in scope: RunScope) async throws -> Set<String> {
        if let sweep = scope.sweep, !sweep.variedKeys.isEmpty { return Set(sweep.variedKeys) }
        let rows = try await pool.query(
            "select r.config from runs r where \(scope.condition) order by r.number desc limit 200")
        let newest = try rows.map { try $0.decode(as: PostgresJSON.self).decode() as [String: JSONValue] }
        var values: [String: Set<JSONValue>] = [:]
        for config in shown + newest { for (key, value) in config { values[key, default: []].insert(value) } }
        return Set(values.filter { $0.value.count > 1 }.keys)
    }
}
