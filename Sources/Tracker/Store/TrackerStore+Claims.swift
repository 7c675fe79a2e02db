package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Gives the next stages whose input is done to the claimant: as many as there are now, up to the request's limit.
    ///
    /// Any number may claim at once: a stage that is being given to another is passed over, not waited for. Where the
    /// sweep's trials are drawn, `search` plans the next ones when nothing planned is left.
    package func claim(
        sweep: String, _ request: ClaimRequest, search: TrialSearchMaker? = nil
    ) async throws -> ClaimResponse {
        try await claim(in: SweepPlace(row: try await sweepRow(sweep)), request, search: search)
    }

    package func claim(
        in place: SweepPlace, _ request: ClaimRequest, search: TrialSearchMaker? = nil
    ) async throws -> ClaimResponse {
        try TrackerStore.check(request.claimant, request.leaseSeconds)
        let sweep = place.row
        let limit = min(max(1, request.limit ?? 1), ClaimRequest.maximumLimit)
        var claims = try await pool.withConnection { connection in
            try await claimReady(sweep, request, limit: limit, on: connection)
        }
        if claims.count < limit, sweep.drawsTrials, let search = try search?(sweep.source) {
            claims += try await drawAndClaim(sweep, request, limit: limit - claims.count, search)
        }
        // Only who got nothing needs to know whether to wait.
        let state = claims.isEmpty ? try await self.sweep(idOrName: sweep.id).state : .running
        return ClaimResponse(claims: claims, state: state)
    }

    /// One statement: a claim costs one commit.
    func claimReady(
        _ sweep: SweepRow, _ request: ClaimRequest, limit: Int, agent: String? = nil,
        on connection: PostgresConnection
    ) async throws -> [StageClaim] {
        if let budget = sweep.gpuSeconds, try await gpuSeconds(of: sweep, on: connection) >= budget { return [] }
        let rows = try await connection.query(
            """
            with next as (
                select s.sweep, s.key from stages s
                where s.sweep = \(sweep.number) and s.state = 'pending' and s.is_ready
                    and (s.lease_ends is null or s.lease_ends <= now())
                    and exists (select from sweeps w where w.number = \(sweep.number) and w.state = 'RUNNING')
                order by s.position limit \(limit) for update of s skip locked),
            claimed as (
                update stages s set state = 'claimed', attempts = attempts + 1, fence = fence + 1,
                    claimant = \(try PostgresJSON(request.claimant)), process = null, job = null, directory = null,
                    lease_ends = now() + make_interval(secs => \(request.leaseSeconds)), message = null, cause = null,
                    stop_reason = null, claimed_at = now(), agent = \(agent), agent_sent = 1
                from next where s.sweep = next.sweep and s.key = next.key
                returning s.*),
            made as (
                insert into runs (id, handle, project, name, sweep, job_type, config)
                select run, run, \(sweep.project), title, \(sweep.id), name, config from claimed
                on conflict (id) do nothing)
            select \(StageRow.columns) from claimed s order by s.position
            """)
        let stages = try rows.map(StageRow.init)
        let before = try await stagesBefore(stages, of: sweep, on: connection)
        let reusable = try await reusable(
            stages.filter { $0.attempts == 1 }.map(\.key), project: sweep.project, but: sweep.number, on: connection)
        return stages.compactMap { $0.claim(in: sweep, among: before, reuse: reusable[$0.key]) }
    }

    /// The claim on a stage as it is now, with the directories of the stages before it.
    func claim(
        on key: String, of sweep: SweepRow, _ connection: PostgresConnection
    ) async throws -> StageClaim? {
        let rows = try await connection.query(
            "select \(StageRow.columns) from stages s where s.sweep = \(sweep.number) and s.key = \(key)")
        guard let stage = try rows.first.map(StageRow.init), stage.state == .claimed else { return nil }
        return stage.claim(in: sweep, among: try await stagesBefore([stage], of: sweep, on: connection))
    }

    /// The stages before these, by key.
    private func stagesBefore(
        _ stages: [StageRow], of sweep: SweepRow, on connection: PostgresConnection
    ) async throws -> [String: StageRow] {
        let inputs = Set(stages.compactMap(\.input))
        guard !inputs.isEmpty else { return [:] }
        let rows = try await connection.query(
            """
            with recursive chain(key, input) as (
                select key, input from stages where sweep = \(sweep.number) and key = any(\(inputs.sorted()))
                union
                select s.key, s.input from stages s join chain c on s.key = c.input where s.sweep = \(sweep.number))
            select \(StageRow.columns) from stages s join chain c on c.key = s.key where s.sweep = \(sweep.number)
            """)
        return Dictionary(try rows.map(StageRow.init).map { ($0.key, $0) }) { $1 }
    }

    /// What the sweep's stages have used of GPUs, those that run included.
    func gpuSeconds(of sweep: SweepRow, on connection: PostgresConnection) async throws -> Double {
        let rows = try await connection.query(
            """
            select coalesce(sum(coalesce((resources ->> 'gpus')::int, 0) * (
                seconds + case state when 'claimed' then extract(epoch from now() - claimed_at) else 0 end)), 0)::float8
            from stages where sweep = \(sweep.number)
            """)
        return try rows.first?.decode(as: Double.self) ?? 0
    }

    static func check(_ process: ProcessIdentity?, _ leaseSeconds: Double) throws(StoreError) {
        try IngestLimits.check(text: process?.host ?? "", "the host")
        guard leaseSeconds > 0, leaseSeconds <= 7 * 86400 else {
            throw StoreError(.invalidRecord, "a lease lasts up to 7 days, not \(leaseSeconds) seconds")
        }
    }
}
