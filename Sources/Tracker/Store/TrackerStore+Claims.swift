package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// The stages of a sweep in the order of its plan.
    /// `sweep`: id or name.
    package func stages(sweep: String) async throws -> [StageStatus] {
        let sweep = try await sweepRow(sweep)
        let rows = try await pool.query(
            "select \(StageRow.columns) from stages s where s.sweep = \(sweep.number) order by s.position")
        let stages = try rows.map(StageRow.init)
        let byKey = Dictionary(stages.map { ($0.key, $0) }) { $1 }
        let blocked = try await pool.query(
            "with recursive blocked as (\(TrackerStore.blockedStages(of: [sweep.number]))) select key from blocked"
        ).map { try $0.decode(as: String.self) }
        let isBlocked = Set(blocked)
        return try stages.map { stage in
            StageStatus(
                key: stage.key, name: stage.name, title: stage.title, state: stage.state, attempts: stage.attempts,
                run: try runID(stage.run), config: stage.config, claim: stage.claim(in: sweep, among: byKey),
                message: isBlocked.contains(stage.key) ? "blocked: a stage before it has failed" : stage.message)
        }
    }

    /// Gives the next stage whose input is done to the claimant; nil when there is none now.
    ///
    /// Any number may claim at once: a stage that is being given to another is passed over, not waited for.
    package func claim(sweep: String, _ request: ClaimRequest) async throws -> StageClaim? {
        try check(request.claimant, request.leaseSeconds)
        let sweep = try await sweepRow(sweep)
        return try await pool.withTransaction { connection in
            let claimed = try await connection.query(
                """
                with next as (
                    select s.sweep, s.key from stages s
                    left join stages i on i.sweep = s.sweep and i.key = s.input
                    where s.sweep = \(sweep.number) and s.state = 'pending'
                        and (s.input is null or i.state = 'done')
                    order by s.position limit 1 for update of s skip locked)
                update stages s set state = 'claimed', attempts = attempts + 1, fence = fence + 1,
                    claimant = \(try PostgresJSON(request.claimant)), process = null, directory = null,
                    lease_ends = now() + make_interval(secs => \(request.leaseSeconds)), message = null
                from next where s.sweep = next.sweep and s.key = next.key
                returning s.key
                """)
            guard let key = try claimed.first?.decode(as: String.self),
                let claim = try await claim(on: key, of: sweep, connection)
            else { return nil }
            try await connection.query(
                """
                insert into runs (id, handle, project, name, sweep, job_type, config)
                values (\(claim.run.rawValue), \(claim.run.rawValue), \(claim.project), \(claim.title), \(claim.sweep),
                    \(claim.stage), \(try PostgresJSON(claim.config)))
                on conflict (id) do nothing
                """)
            return claim
        }
    }

    /// Notes what the holder of a claim says; anybody whose fence is not the stage's is refused.
    package func report(sweep: String, stageKey: String, _ report: StageReport) async throws -> StageReportResponse {
        let sweep = try await sweepRow(sweep)
        return try await pool.withTransaction { connection in
            let rows = try await connection.query(
                """
                select \(StageRow.columns) from stages s
                where s.sweep = \(sweep.number) and s.key = \(stageKey) for update
                """)
            guard let row = rows.first else {
                throw StoreError(.unknownStage, "sweep '\(sweep.name)' has no stage '\(stageKey)'")
            }
            let stage = try StageRow(row)
            guard stage.fence == report.fence else {
                throw StoreError(
                    .staleFence,
                    "the claim \(report.fence) on '\(stage.title)' is over (now \(stage.fence)): somebody else has the "
                        + "stage; stop its process")
            }
            // A report that is sent again after its answer was lost finds its work done.
            guard stage.state == .claimed else { return StageReportResponse(claim: nil) }
            let number = sweep.number
            try await connection.query(
                "update stages set \(try changes(stage, report.event)) where sweep = \(number) and key = \(stageKey)")
            if case .failed(let message, _, _) = report.event {
                try await connection.query(
                    """
                    update runs set state = 'crashed', message = \(message), finished_at = now()
                    where id = \(stage.run) and state in ('pending', 'running')
                    """)
            }
            return StageReportResponse(claim: try await claim(on: stageKey, of: sweep, connection))
        }
    }

    /// Gives every failed stage of the sweep another round of attempts; answers how many there were.
    /// `sweep`: id or name.
    package func retryFailedStages(sweep: String) async throws -> Int {
        let sweep = try await sweepRow(sweep)
        return try await pool.query(
            """
            update stages set state = 'pending', message = null,
                maximum_attempts = attempts + \(Int32(clamping: sweep.maximumAttempts))
            where sweep = \(sweep.number) and state = 'failed'
            """
        ).affected
    }

    private func changes(_ stage: StageRow, _ event: StageReport.Event) throws -> PostgresQuery {
        switch event {
        case .launching(let directory): return "directory = \(directory)"
        case .started(let process):
            try check(process, 1)
            return "process = \(try PostgresJSON(process))"
        case .heartbeat(let seconds):
            try check(nil, seconds)
            return "lease_ends = now() + make_interval(secs => \(seconds))"
        case .submitted, .restarted, .reused, .stopped:
            throw StoreError(.invalidRecord, "this tracker does not know the event; update it")
        case .succeeded: return "state = 'done', claimant = null, process = null, lease_ends = null"
        case .failed(let message, let retry, _):
            let state = retry && stage.attempts < stage.maximumAttempts ? StageState.pending : .failed
            return """
                state = \(state.rawValue), message = \(message), claimant = null, process = null, lease_ends = null
                """
        case .adopt(let claimant, let seconds):
            try check(claimant, seconds)
            return """
                fence = fence + 1, claimant = \(try PostgresJSON(claimant)),
                lease_ends = now() + make_interval(secs => \(seconds))
                """
        }
    }

    private func check(_ process: ProcessIdentity?, _ leaseSeconds: Double) throws(StoreError) {
        try IngestLimits.check(text: process?.host ?? "", "the host")
        guard leaseSeconds > 0, leaseSeconds <= 7 * 86400 else {
            throw StoreError(.invalidRecord, "a lease lasts up to 7 days, not \(leaseSeconds) seconds")
        }
    }

    /// The claim on a stage as it is now, with the directories of the stages before it.
    private func claim(
        on key: String, of sweep: SweepRow, _ connection: PostgresConnection
    ) async throws -> StageClaim? {
        let rows = try await connection.query(
            """
            with recursive chain(key, input) as (
                select key, input from stages where sweep = \(sweep.number) and key = \(key)
                union
                select s.key, s.input from stages s join chain c on s.key = c.input where s.sweep = \(sweep.number))
            select \(StageRow.columns) from stages s join chain c on c.key = s.key where s.sweep = \(sweep.number)
            """)
        let stages = Dictionary(try rows.map(StageRow.init).map { ($0.key, $0) }) { $1 }
        return stages[key]?.claim(in: sweep, among: stages)
    }
}
