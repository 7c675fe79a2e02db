import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Trials that are drawn in vain, because another sweep's or trial's stages do all of them already, before the claim
    /// gives up for now.
    private static let maximumDraws = 1000

    /// Draws trials one by one until `limit` stages are claimed or there is nothing more to draw.
    ///
    /// Drawing is serial within a sweep, so that each suggestion knows of all before it; whoever waited finds perhaps a
    /// stage that the one before has planned.
    func drawAndClaim(
        _ sweep: SweepRow, _ request: ClaimRequest, limit: Int, agent: String? = nil, _ search: any TrialSearching
    ) async throws -> [StageClaim] {
        var claims: [StageClaim] = []
        for _ in 0..<TrackerStore.maximumDraws where claims.count < limit {
            let missing = limit - claims.count
            let (new, isOver) = try await pool.withTransaction { connection in
                try await drawOne(sweep, request, limit: missing, agent: agent, search, on: connection)
            }
            claims += new
            if isOver { break }
        }
        return claims
    }

    /// Draws a trial unless something is ready. `isOver`: there is nothing more to draw now.
    func drawOne(
        _ sweep: SweepRow, _ request: ClaimRequest, limit: Int, agent: String?, _ search: any TrialSearching,
        on connection: PostgresConnection
    ) async throws -> (claims: [StageClaim], isOver: Bool) {
        let locked = try await connection.query(
            "select \(SweepRow.columns) from sweeps where number = \(sweep.number) for no key update")
        guard let sweep = try locked.first.map(SweepRow.init), sweep.state == .running, !sweep.isExhausted else {
            return ([], true)
        }
        let ready = try await claimReady(sweep, request, limit: limit, agent: agent, on: connection)
        guard ready.isEmpty else { return (ready, false) }
        if let budget = sweep.gpuSeconds, try await gpuSeconds(of: sweep, on: connection) >= budget {
            return ([], true)
        }
        let trials = try await pastTrials(of: sweep, search.cache, on: connection)
        let number = trials.count + 1
        guard number <= sweep.runCap ?? .max, let trial = try search.next(after: trials, number: number) else {
            try await connection.query(
                "update sweeps set is_exhausted = true, updated_at = now() where number = \(sweep.number)")
            return ([], true)
        }
        try await insert(
            trial.stages, [TrialPlan(number: number, config: trial.config, stages: trial.stages.map(\.key))],
            into: sweep.number, maximumAttempts: sweep.maximumAttempts, on: connection)
        return (try await claimReady(sweep, request, limit: limit, agent: agent, on: connection), false)
    }

    /// All trials of a sweep as its search sees them, by number.
    package func pastTrials(sweep: String, cache: TrialCache = TrialCache()) async throws -> [DrawnRun] {
        let sweep = try await sweepRow(sweep)
        return try await pool.withConnection { try await pastTrials(of: sweep, cache, on: $0) }
    }

    private func pastTrials(
        of sweep: SweepRow, _ cache: TrialCache, on connection: PostgresConnection
    ) async throws -> [DrawnRun] {
        let known = cache.count
        let rows = try await connection.query(
            "select config from trials where sweep = \(sweep.number) and number > \(Int32(known)) order by number")
        let new = try rows.map { row -> [String: JSONValue] in try row.decode(as: PostgresJSON.self).decode() }
        // The sweep is locked: what is read here is committed, so that it may be kept.
        let configs = Array(cache.all().prefix(known)) + new
        let outcomes = try await outcomes(of: sweep, on: connection)
        cache.add(new, from: known + 1)
        return configs.enumerated().map { index, config in
            let outcome = outcomes[index + 1] ?? TrialOutcome()
            return DrawnRun(
                handle: outcome.run, state: outcome.runState, config: config, minimum: outcome.minimum,
                maximum: outcome.maximum, latest: outcome.latest)
        }
    }
}
