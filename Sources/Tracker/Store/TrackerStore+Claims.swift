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
        // What is wrong with a claim is found here, so that it cannot fail those that share its statement.
        try TrackerStore.check(request.claimant, request.leaseSeconds)
        let asked = AskedClaim(request)
        let taken = try await claims.ask(asked, about: place.number) { asked in await take(asked, of: place) }
        let sweep = taken.sweep
        var given = taken.claims
        if given.count < asked.limit, sweep.drawsTrials, let search = try search?(sweep.source) {
            given += try await drawAndClaim(sweep, request, limit: asked.limit - given.count, search)
        }
        // Only who got nothing needs to know whether to wait.
        let state = given.isEmpty ? try await self.sweep(idOrName: sweep.id).state : .running
        return ClaimResponse(claims: given, state: state)
    }

    /// What each of some claims of the same sweep gets, in the order of asking.
    private func take(_ asked: [AskedClaim], of place: SweepPlace) async -> [Result<TakenStages, any Error>] {
        do {
            return try await pool.withConnection { connection in
                let sweep = try await sweepRow(at: place, on: connection)
                return try await claimReady(sweep, asked, on: connection)
                    .map { .success(TakenStages(sweep: sweep, claims: $0)) }
            }
        } catch {
            return asked.map { _ in .failure(error) }
        }
    }

    func claimReady(
        _ sweep: SweepRow, _ request: ClaimRequest, limit: Int, agent: String? = nil,
        on connection: PostgresConnection
    ) async throws -> [StageClaim] {
        try await claimReady(sweep, [AskedClaim(request, limit: limit, agent: agent)], on: connection)[0]
    }

    /// One statement for all: a claim costs at most one commit. The first gets as many as it asked for, then the next, for
    /// as long as there are any.
    private func claimReady(
        _ sweep: SweepRow, _ asked: [AskedClaim], on connection: PostgresConnection
    ) async throws -> [[StageClaim]] {
        var claims: [[StageClaim]] = asked.map { _ in [] }
        if let budget = sweep.gpuSeconds, try await gpuSeconds(of: sweep, on: connection) >= budget { return claims }
        let takers = asked.enumerated().flatMap { repeatElement($0.offset, count: $0.element.limit) }
        let claimants = try asked.map { try PostgresJSON($0.claimant) }
        let rows = try await connection.query(
            """
            with next as (
                select s.sweep, s.key, s.position from stages s
                where s.sweep = \(sweep.number) and s.state = 'pending' and s.is_ready
                    and (s.lease_ends is null or s.lease_ends <= now())
                    and exists (select from sweeps w where w.number = \(sweep.number) and w.state = 'RUNNING')
                order by s.position limit \(TrackerStore.limit(takers.count)) for update of s skip locked),
            given as (
                select n.sweep, n.key, a.claimant, a.lease, a.agent, a.taker
                from (select sweep, key, row_number() over (order by position) as place from next) n
                join unnest(
                    \(takers.map { claimants[$0] }), \(takers.map { asked[$0].leaseSeconds }),
                    \(takers.map { asked[$0].agent }), \(takers)
                ) with ordinality a(claimant, lease, agent, taker, place) on a.place = n.place),
            claimed as (
                update stages s set state = 'claimed', attempts = attempts + 1, fence = fence + 1,
                    claimant = given.claimant, process = null, job = null, directory = null,
                    lease_ends = now() + make_interval(secs => given.lease), message = null, cause = null,
                    stop_reason = null, claimed_at = now(), agent = given.agent, agent_sent = 1
                from given where s.sweep = given.sweep and s.key = given.key
                returning s.*, given.taker),
            made as (
                insert into runs (id, handle, project, name, sweep, job_type, config)
                select run, run, \(sweep.project), title, \(sweep.id), name, config from claimed
                on conflict (id) do nothing)
            select \(StageRow.columns), s.taker from claimed s order by s.position
            """)
        let taken = try rows.map { row in
            let (stage, taker) = try row.splitLast(as: Int.self)
            return (stage: try StageRow(stage), taker: taker)
        }
        let stages = taken.map(\.stage)
        let before = try await stagesBefore(stages, of: sweep, on: connection)
        // What other programs than our trainer make stands for nothing else; see there.
        let first = sweep.program == nil ? stages.filter { $0.attempts == 1 } : []
        let reusable = try await reusable(
            first.map(\.key), project: sweep.project, but: sweep.number, on: connection)
        for (stage, taker) in taken {
            guard let claim = stage.claim(in: sweep, among: before, reuse: reusable[stage.key]) else { continue }
            claims[taker].append(claim)
        }
        return claims
    }

    /// Few are written out: of a limit that is a parameter the server knows no better than to expect a tenth of all stages,
    /// and plans each statement anew, which takes as long as the claim.
    private static func limit(_ count: Int) -> PostgresQuery {
        count <= 16 ? "\(unsafeSQL: String(count))" : "\(count)"
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
