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

    /// What the sweep was made of, or last extended by.
    /// `sweep`: id or name.
    package func definition(sweep: String) async throws -> DefinitionText {
        let row = try await sweepRow(sweep)
        return DefinitionText(definition: row.definition, file: row.file)
    }

    /// Names the nearest of `names`, or says where to find all of them.
    static func unknownSweep(_ idOrName: String, among names: [String]) -> StoreError {
        let near = didYouMean(idOrName, among: names)
        let hint = near.isEmpty ? "; 'sweeper status' lists those that there are" : near
        return StoreError(.unknownSweep, "there is no sweep '\(idOrName.prefix(120))'\(hint)")
    }

    func sweepRow(_ idOrName: String) async throws -> SweepRow {
        let byID = try await pool.query("select \(SweepRow.columns) from sweeps where id = \(idOrName)")
        if let row = byID.first { return try SweepRow(row) }
        let byName = try await pool.query(
            "select \(SweepRow.columns) from sweeps where name = \(idOrName) order by number desc limit 1")
        if let row = byName.first { return try SweepRow(row) }
        let names = try await pool.query("select distinct name from sweeps").map { try $0.decode(as: String.self) }
        throw TrackerStore.unknownSweep(idOrName, among: names)
    }

    /// The sweep's row as it is now.
    func sweepRow(at place: SweepPlace, on connection: PostgresConnection) async throws -> SweepRow {
        let rows = try await connection.query("select \(SweepRow.columns) from sweeps where number = \(place.number)")
        guard let row = rows.first else {
            places.forget(id: place.id)
            throw StoreError(.unknownSweep, "the sweep '\(place.id)' has been deleted")
        }
        return try SweepRow(row)
    }

    private func insert(_ plan: SweepPlan, on connection: PostgresConnection) async throws -> String {
        let id = RunID.random().rawValue
        let inserted = try await connection.query(
            """
            insert into sweeps (id, name, project, definition, definition_hash, metric, goal, maximum_attempts,
                varied_keys, file, method, program, command, run_cap, gpu_seconds, retry_on, stops_early,
                programs)
            values (\(id), \(plan.name), \(plan.project), \(plan.definition), \(plan.definitionHash), \(plan.metric),
                \(plan.goal.rawValue), \(Int32(clamping: plan.maximumAttempts)), \(plan.variedKeys), \(plan.file),
                \(plan.method), \(plan.program), \(try plan.command.map { try PostgresJSON($0) }),
                \(plan.trialLimit.map { Int32(clamping: $0) }), \(plan.gpuHours.map { $0 * 3600 }),
                \(plan.retryOn?.map(\.rawValue)), \(plan.stopsEarly),
                \(try plan.programs.map { try PostgresJSON($0) }))
            returning number
            """)
        guard let row = inserted.first else { throw StoreError(.invalidPlan, "the sweep was not stored; try again") }
        let sweep = try row.decode(as: Int32.self)
        try await insert(
            plan.stages, plan.trials, into: sweep, maximumAttempts: plan.maximumAttempts, on: connection)
        return id
    }

    /// Adds stages, but those that the sweep has, and trials; answers how many stages are new.
    @discardableResult
    func insert(
        _ stages: [StagePlan], _ trials: [TrialPlan], into sweep: Int32, maximumAttempts: Int,
        on connection: PostgresConnection
    ) async throws -> Int {
        var first: [String: Int32] = [:]
        for trial in trials {
            for key in trial.stages where first[key] == nil { first[key] = Int32(clamping: trial.number) }
        }
        let numbers: [Int32] = stages.map { first[$0.key] ?? 0 }
        let configs: [PostgresJSON] = try stages.map { try PostgresJSON($0.config) }
        let resources: [PostgresJSON] = try stages.map { try PostgresJSON($0.resources) }
        let runs: [String] = stages.map { _ in RunID.random().rawValue }
        // A report that ends a stage and the drawing of one after it must not miss each other: whoever has the stage's
        // row first is seen by the other.
        try await connection.query(
            """
            select from stages where sweep = \(sweep) and key = any(\(stages.compactMap(\.input))) order by key for share
            """)
        let known = try await connection.query(
            "select coalesce(max(position), 0)::bigint from stages where sweep = \(sweep)")
        let last: Int64 = try known.first.map { try $0.decode(as: Int64.self) } ?? 0
        let added = try await connection.query(
            """
            insert into stages (sweep, maximum_attempts, is_ready, key, name, input, title, config, resources, run, trial,
                position)
            select \(sweep), \(Int32(clamping: maximumAttempts)),
                n.input is null or exists (
                    select from stages i where i.sweep = \(sweep) and i.key = n.input and i.state = 'done'),
                n.key, n.name, n.input, n.title, n.config, n.resources, n.run, n.trial, \(last) + n.position
            from unnest(
                \(stages.map(\.key)), \(stages.map(\.name)), \(stages.map(\.input)), \(stages.map(\.title)),
                \(configs), \(resources), \(runs), \(numbers)
            ) with ordinality n(key, name, input, title, config, resources, run, trial, position)
            on conflict (sweep, key) do nothing
            """
        ).affected
        // What is drawn after a stage that has failed or was stopped shares its fate.
        try await connection.query(
            """
            update stages s set is_blocked = i.state <> 'stopped',
                state = case i.state when 'stopped' then 'stopped' else s.state end,
                message = case i.state when 'stopped' then 'the stage before it was stopped' end
            from stages i
            where s.sweep = \(sweep) and s.key = any(\(stages.map(\.key))) and s.state = 'pending'
                and i.sweep = s.sweep and i.key = s.input and (i.state in ('failed', 'stopped') or i.is_blocked)
            """)
        try await connection.query(
            """
            insert into trials (sweep, number, config, stages)
            select \(sweep), t.number, t.config, array(select jsonb_array_elements_text(t.stages))
            from unnest(
                \(trials.map { Int32(clamping: $0.number) }), \(try trials.map { try PostgresJSON($0.config) }),
                \(try trials.map { try PostgresJSON($0.stages) })
            ) t(number, config, stages)
            """)
        var ends: [String: Int32] = [:]
        for trial in trials { if let key = trial.stages.last { ends[key, default: 0] += 1 } }
        let ended = ends.sorted { $0.key < $1.key }
        try await connection.query(
            """
            update stages s set trials_ended = trials_ended + n.count
            from unnest(\(ended.map(\.key)), \(ended.map(\.value))) n(key, count)
            where s.sweep = \(sweep) and s.key = n.key
            """)
        return added
    }
}
