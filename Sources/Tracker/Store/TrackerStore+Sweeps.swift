package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Stores a sweep with all its trials and stages.
    ///
    /// Where the project has a sweep of that name and definition the newest of these is the answer, unless `new`.
    package func createSweep(plan: SweepPlan, new: Bool = false) async throws -> CreateSweepResponse {
        try plan.check()
        let (id, created) = try await pool.withTransaction { connection in
            // Two requests at once must not both find nothing.
            try await connection.query("select pg_advisory_xact_lock(hashtextextended(\(plan.name), 0))")
            let known = try await connection.query(
                """
                select id from sweeps
                where project = \(plan.project) and name = \(plan.name) and definition_hash = \(plan.definitionHash)
                order by number desc limit 1
                """)
            if let row = known.first, !new { return (try row.decode(as: String.self), false) }
            return (try await insert(plan, on: connection), true)
        }
        return CreateSweepResponse(sweep: try await sweep(idOrName: id), created: created)
    }

    /// All sweeps, newest first.
    package func sweeps(name: String? = nil) async throws -> [SweepSummary] {
        let rows = try await pool.query(
            """
            select \(SweepRow.columns) from sweeps where \(name)::text is null or name = \(name) order by number desc
            """)
        return try await summaries(of: try rows.map(SweepRow.init))
    }

    /// The sweep of that id, else the newest of that name.
    package func sweep(idOrName: String) async throws -> SweepSummary {
        let row = try await sweepRow(idOrName)
        guard let summary = try await summaries(of: [row]).first else {
            throw StoreError(.unknownSweep, "sweep '\(idOrName)' has just been deleted")
        }
        return summary
    }

    func sweepRow(_ idOrName: String) async throws -> SweepRow {
        let rows = try await pool.query(
            """
            select \(SweepRow.columns) from sweeps where id = \(idOrName) or name = \(idOrName)
            order by id = \(idOrName) desc, number desc limit 1
            """)
        if let row = rows.first { return try SweepRow(row) }
        let names = try await pool.query("select distinct name from sweeps").map { try $0.decode(as: String.self) }
        throw StoreError(
            .unknownSweep, "there is no sweep '\(idOrName)'\(didYouMean(idOrName, among: names))")
    }

    private func insert(_ plan: SweepPlan, on connection: PostgresConnection) async throws -> String {
        let id = RunID.random().rawValue
        let inserted = try await connection.query(
            """
            insert into sweeps (id, name, project, definition, definition_hash, metric, goal, maximum_attempts,
                varied_keys)
            values (\(id), \(plan.name), \(plan.project), \(plan.definition), \(plan.definitionHash), \(plan.metric),
                \(plan.goal.rawValue), \(Int32(clamping: plan.maximumAttempts)), \(plan.variedKeys))
            returning number
            """)
        guard let row = inserted.first else { throw StoreError(.invalidPlan, "the sweep was not stored; try again") }
        let sweep = try row.decode(as: Int32.self)
        let stages = plan.stages
        try await connection.query(
            """
            insert into stages (sweep, maximum_attempts, key, name, input, title, config, run, position)
            select \(sweep), \(Int32(clamping: plan.maximumAttempts)), s.* from unnest(
                \(stages.map(\.key)), \(stages.map(\.name)), \(stages.map(\.input)), \(stages.map(\.title)),
                \(try stages.map { try PostgresJSON($0.config) }), \(stages.map { _ in RunID.random().rawValue })
            ) with ordinality s
            """)
        try await connection.query(
            """
            insert into trials (sweep, number, config, stages)
            select \(sweep), t.number, t.config, array(select jsonb_array_elements_text(t.stages))
            from unnest(
                \(plan.trials.map { Int32(clamping: $0.number) }),
                \(try plan.trials.map { try PostgresJSON($0.config) }),
                \(try plan.trials.map { try PostgresJSON($0.stages) })
            ) t(number, config, stages)
            """)
        return id
    }

    private func summaries(of sweeps: [SweepRow]) async throws -> [SweepSummary] {
        let numbers = sweeps.map(\.number)
        let stages = try await counts(
            """
            with recursive blocked as (\(TrackerStore.blockedStages(of: numbers)))
            select s.sweep,
                count(*) filter (where s.state = 'pending' and b.key is null),
                count(*) filter (where s.state = 'claimed'),
                count(*) filter (where s.state = 'done'),
                count(*) filter (where s.state = 'failed'),
                count(b.key)
            from stages s left join blocked b on b.sweep = s.sweep and b.key = s.key
            where s.sweep = any(\(numbers)) group by s.sweep
            """
        ) { row in
            let (sweep, pending, claimed, done, failed, blocked) = try row.decode(
                as: Int32.self, Int.self, Int.self, Int.self, Int.self, Int.self)
            return (
                sweep, StageCounts(pending: pending, claimed: claimed, done: done, failed: failed, blocked: blocked)
            )
        }
        let trials = try await counts(
            """
            select t.sweep, count(*), count(*) filter (where not exists (
                select from stages s where s.sweep = t.sweep and s.key = any(t.stages) and s.state <> 'done'))
            from trials t where t.sweep = any(\(numbers)) group by t.sweep
            """
        ) { row in
            let (sweep, all, done) = try row.decode(as: Int32.self, Int.self, Int.self)
            return (sweep, (all: all, done: done))
        }
        let drawn = try await drawnProgress(of: numbers)
        return sweeps.map { sweep in
            let progress = drawn[sweep.number]
            return SweepSummary(
                id: sweep.id, name: sweep.name, project: sweep.project, created: sweep.created,
                trials: progress?.runs.values.reduce(0, +) ?? trials[sweep.number]?.all ?? 0,
                trialsDone: progress?.runs["finished"] ?? trials[sweep.number]?.done ?? 0,
                stages: stages[sweep.number] ?? StageCounts(), metric: sweep.metric, goal: sweep.goal, drawn: progress)
        }
    }

    private func drawnProgress(of sweeps: [Int32]) async throws -> [Int32: DrawnProgress] {
        let rows = try await pool.query(
            """
            select s.number, s.method, s.state, r.state, count(r.number)
            from sweeps s left join runs r on r.sweep = s.id where s.is_drawn and s.number = any(\(sweeps))
            group by s.number, s.method, s.state, r.state
            """)
        var progress: [Int32: DrawnProgress] = [:]
        for row in rows {
            let (sweep, method, state, runState, count) = try row.decode(
                as: Int32.self, String.self, String.self, String?.self, Int.self)
            let empty = DrawnProgress(method: method, state: SweepState(rawValue: state) ?? .finished, runs: [:])
            progress[sweep, default: empty].runs.merge(runState.map { [$0: count] } ?? [:]) { $1 }
        }
        return progress
    }

    private func counts<Value>(
        _ query: PostgresQuery, _ decode: (PostgresRow) throws -> (Int32, Value)
    ) async throws -> [Int32: Value] {
        Dictionary(uniqueKeysWithValues: try await pool.query(query).map(decode))
    }

    /// The body of a recursive query `blocked(sweep, key)`: pending stages that a failed stage stands before.
    static func blockedStages(of sweeps: [Int32]) -> PostgresQuery {
        """
        select s.sweep, s.key from stages s join stages i on i.sweep = s.sweep and i.key = s.input
        where s.sweep = any(\(sweeps)) and s.state = 'pending' and i.state = 'failed'
        union
        select s.sweep, s.key from stages s join blocked b on b.sweep = s.sweep and b.key = s.input
        where s.state = 'pending'
        """
    }
}
