package import Experiment
import Postgres

extension TrackerStore {
    /// Pauses, resumes or cancels a sweep. What runs goes on when it is paused, and is told to stop when it is canceled.
    package func edit(sweep: String, _ edit: SweepEdit) async throws -> SweepSummary {
        let row = try await sweepRow(sweep)
        let state: SweepState =
            switch edit.state {
            case .running: .running
            case .paused: .paused
            case .canceled: .canceled
            }
        // What is over stays what it is: there is nothing left to pause or to end.
        let now = try await self.sweep(idOrName: row.id)
        if state != .running, now.isOver { return now }
        if row.isDrawn {
            try await setState(state, sweep: try await drawnSweep(row.id, project: row.project))
        } else {
            try await pool.query(
                "update sweeps set state = \(state.rawValue), updated_at = now() where number = \(row.number)")
        }
        return try await self.sweep(idOrName: row.id)
    }

    /// Makes stages pending again, with a full round of attempts: those that failed and those whose runs were deleted, or
    /// all of the trials that are named. Answers how many there were.
    /// `sweep`: id or name.
    package func retry(sweep: String, trials: [Int]? = nil) async throws -> Int {
        let sweep = try await sweepRow(sweep)
        if let trials { try await checkKnown(trials, of: sweep) }
        return try await pool.withTransaction { connection in
            // Whoever draws a trial waits, and then looks at all of them again.
            try await connection.query("update sweeps set reopened = reopened + 1 where number = \(sweep.number)")
            let which: PostgresQuery =
                if let trials {
                    """
                    s.state in ('done', 'failed', 'stopped') and s.key in (
                        select unnest(stages) from trials
                        where sweep = \(sweep.number) and number = any(\(trials.map { Int32(clamping: $0) })))
                    """
                } else {
                    """
                    (s.state = 'failed' or s.state = 'done' and not exists (
                        select from runs r where r.id = coalesce(s.reused_from, s.run)))
                    """
                }
            let count = try await connection.query(
                """
                update stages s set state = 'pending', message = null, cause = null, stop_reason = null, lease_ends = null,
                    reused_from = null, done_order = null, artefact = null,
                    minimum = null, maximum = null, latest = null,
                    other_minima = null, other_maxima = null, other_latest = null,
                    -- What stood for another's result shall run itself now: only a first attempt is offered one.
                    attempts = greatest(attempts, (reused_from is not null)::int),
                    maximum_attempts = greatest(attempts, (reused_from is not null)::int)
                        + \(Int32(clamping: sweep.maximumAttempts))
                where s.sweep = \(sweep.number) and \(which)
                """
            ).affected
            guard count > 0 else { return 0 }
            try await settleReadiness(of: sweep, on: connection)
            try await connection.query(
                """
                update sweeps set state = 'RUNNING', updated_at = now()
                where number = \(sweep.number) and state in ('FINISHED', 'CANCELED')
                """)
            return count
        }
    }

    private func checkKnown(_ trials: [Int], of sweep: SweepRow) async throws {
        let numbers = trials.map { Int32(clamping: $0) }
        let rows = try await pool.query(
            "select number from trials where sweep = \(sweep.number) and number = any(\(numbers))")
        let known: [Int] = try rows.map { try $0.decode(as: Int.self) }
        if let unknown = trials.first(where: { !known.contains($0) }) {
            throw StoreError(
                .unknownStage,
                "sweep '\(sweep.name)' has no trial \(unknown); see 'sweeper status \(sweep.name)' for those it has")
        }
    }

    /// Brings what is kept with the pending stages in line with the stages before them.
    func settleReadiness(of sweep: SweepRow, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            update stages s set is_ready = s.input is null or exists (
                select from stages i where i.sweep = s.sweep and i.key = s.input and i.state = 'done')
            where s.sweep = \(sweep.number) and s.state = 'pending'
            """)
        try await connection.query(
            """
            with recursive blocked(key) as (
                select s.key from stages s join stages i on i.sweep = s.sweep and i.key = s.input
                where s.sweep = \(sweep.number) and s.state = 'pending' and i.state = 'failed'
                union
                select s.key from stages s join blocked b on s.input = b.key
                where s.sweep = \(sweep.number) and s.state = 'pending')
            update stages s set is_blocked = exists (select from blocked b where b.key = s.key)
            where s.sweep = \(sweep.number) and s.state in ('pending', 'stopped')
            """)
    }
}
