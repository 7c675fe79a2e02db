package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Adds what `plan` has and the sweep has not, and `trials` more to those that are drawn.
    ///
    /// Trials keep their numbers, and new ones count on; values that the new definition leaves out stay as they are.
    package func extend(sweep: String, by plan: SweepPlan?, trials: Int?) async throws -> ExtendResponse {
        try plan?.check()
        let sweep = try await sweepRow(sweep)
        guard !sweep.isDrawn else {
            throw StoreError(
                .invalidPlan, "agents draw the runs of '\(sweep.name)'; make another sweep with 'wandb sweep'")
        }
        if let plan { try check(plan, extends: sweep) }
        if trials != nil, !sweep.drawsTrials {
            throw StoreError(
                .invalidPlan,
                "'\(sweep.name)' is a grid: extend it by a definition with more values or a higher run_cap")
        }
        let (addedTrials, addedStages) = try await pool.withTransaction { connection in
            try await connection.query("select from sweeps where number = \(sweep.number) for no key update")
            if let trials { try await raiseCap(of: sweep, by: trials, on: connection) }
            guard let plan else { return (trials ?? 0, 0) }
            return try await add(plan, to: sweep, on: connection)
        }
        return ExtendResponse(
            addedTrials: addedTrials, addedStages: addedStages, sweep: try await self.sweep(idOrName: sweep.id))
    }

    private func check(_ plan: SweepPlan, extends sweep: SweepRow) throws(StoreError) {
        guard plan.project == sweep.project, plan.method == sweep.method, plan.program == sweep.program,
            plan.programs ?? [:] == sweep.programs, plan.metric == sweep.metric, plan.goal == sweep.goal
        else {
            throw StoreError(
                .invalidPlan,
                "a definition that extends '\(sweep.name)' keeps its project, method, programs and metric; start another "
                    + "sweep instead")
        }
    }

    private func raiseCap(of sweep: SweepRow, by trials: Int, on connection: PostgresConnection) async throws {
        guard (1...SweepPlan.maximumStages).contains(trials) else {
            throw StoreError(
                .invalidPlan, "a sweep is extended by 1 to \(SweepPlan.maximumStages) trials, not \(trials)")
        }
        try await connection.query(
            """
            update sweeps w set run_cap = coalesce(run_cap, (
                select count(*) from trials t where t.sweep = w.number)::int) + \(Int32(clamping: trials)),
                is_exhausted = false, state = case state when 'FINISHED' then 'RUNNING' else state end
            where number = \(sweep.number)
            """)
    }

    private func add(
        _ plan: SweepPlan, to sweep: SweepRow, on connection: PostgresConnection
    ) async throws -> (trials: Int, stages: Int) {
        let known = try await connection.query(
            "select number, stages[cardinality(stages)] from trials where sweep = \(sweep.number)"
        ).map { try $0.decode(as: Int.self, String?.self) }
        // A trial is what its last stage is: the key of that holds all that the trial reads.
        let ends = Set(known.compactMap(\.1))
        var number = known.map(\.0).max() ?? 0
        var trials: [TrialPlan] = []
        for var trial in plan.trials where !(trial.stages.last.map(ends.contains) ?? true) {
            number += 1
            trial.number = number
            trials.append(trial)
        }
        let needed = Set(trials.flatMap(\.stages))
        let stages = try await insert(
            plan.stages.filter { needed.contains($0.key) }, trials, into: sweep.number,
            maximumAttempts: plan.maximumAttempts, on: connection)
        try await connection.query(
            """
            update sweeps set definition = \(plan.definition), definition_hash = \(plan.definitionHash),
                maximum_attempts = \(Int32(clamping: plan.maximumAttempts)),
                varied_keys = array(select distinct unnest(varied_keys || \(plan.variedKeys)) order by 1),
                run_cap = coalesce(greatest(run_cap, \(plan.trialLimit.map { Int32(clamping: $0) })), run_cap),
                gpu_seconds = \(plan.gpuHours.map { $0 * 3600 }), is_exhausted = false,
                state = case state when 'FINISHED' then 'RUNNING' else state end, updated_at = now()
            where number = \(sweep.number)
            """)
        try await settleReadiness(of: sweep, on: connection)
        return (trials.count, stages)
    }
}
