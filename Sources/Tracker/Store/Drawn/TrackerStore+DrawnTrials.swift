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
        guard var sweep = try locked.first.map(SweepRow.init), sweep.state == .running, !sweep.isExhausted else {
            return ([], true)
        }
        if sweep.otherMetrics != search.otherMetrics {
            try await keep(others: search.otherMetrics, of: sweep, on: connection)
            sweep.otherMetrics = search.otherMetrics
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

    /// The sweep is locked, or the cache nobody else's: what is read here is committed and may be kept.
    private func pastTrials(
        of sweep: SweepRow, _ cache: TrialCache, on connection: PostgresConnection
    ) async throws -> [DrawnRun] {
        var known = cache.take(reopened: sweep.reopened)
        let isFirstLook = known.trials.isEmpty
        let rows = try await connection.query(
            """
            select config, stages from trials
            where sweep = \(sweep.number) and number > \(Int32(known.trials.count)) order by number
            """)
        for row in rows {
            let (config, stages) = try row.decode(as: PostgresJSON.self, [String].self)
            known.open[known.trials.count] = stages
            known.trials.append(DrawnRun(handle: "", state: .pending, config: try config.object()))
        }
        let stages = try await stageOutcomes(
            of: sweep, keys: isFirstLook ? nil : Set(known.open.values.joined()).sorted(), on: connection)
        for (index, keys) in known.open {
            let outcome = keys.compactMap { stages[$0] }
                .reduce(into: TrialOutcome(metrics: 1 + sweep.otherMetrics.count)) { $0.add($1) }
            known.trials[index].take(outcome)
            if outcome.isOver { known.open[index] = nil }
        }
        cache.put(known)
        return known.trials
    }

    /// What became of stages, by key; `keys` nil for all. Of those that are over, what was kept with them.
    private func stageOutcomes(
        of sweep: SweepRow, keys: [String]?, on connection: PostgresConnection
    ) async throws -> [String: StageOutcome] {
        let which: PostgresQuery = if let keys { "and s.key = any(\(keys))" } else { "" }
        let others = sweep.otherMetrics
        let rows = try await connection.query(
            """
            select s.key, coalesce(s.reused_from, s.run), s.state, s.attempts,
                case when o.is_over then s.minimum else e.minimum end,
                case when o.is_over then s.maximum else e.maximum end,
                case when o.is_over then s.latest else coalesce(e.summary, e.last) end,
                case when not o.is_over then e.summary end\(others.isEmpty ? "" : otherColumns)
            from stages s cross join lateral (select s.state in ('done', 'failed', 'stopped')) o(is_over)
            left join runs r on not o.is_over and r.id = s.run
            left join series e on e.run = r.number and e.stream = 0 and e.metric = (
                select id from metrics where name = \(sweep.metric))\(others.isEmpty ? "" : otherSeries(others))
            where s.sweep = \(sweep.number) \(which)
            """)
        var outcomes: [String: StageOutcome] = [:]
        outcomes.reserveCapacity(rows.count)
        for var row in rows {
            let more = try others.isEmpty ? [] : TrackerStore.splitOthers(&row)
            let (key, run, state, attempts, minimum, maximum, latest, summary) = try row.decode(
                as: String.self, String.self, String.self, Int.self, Double?.self, Double?.self, Double?.self,
                Double?.self)
            let first = StageOutcome.Values(minimum: minimum, maximum: maximum, latest: latest, summary: summary)
            outcomes[key] = StageOutcome(run: run, state: state, attempts: attempts, values: [first] + more)
        }
        return outcomes
    }

    /// As those of the first metric, one entry for each.
    private var otherColumns: PostgresQuery {
        """
        , case when o.is_over then s.other_minima else x.minima end,
            case when o.is_over then s.other_maxima else x.maxima end,
            case when o.is_over then s.other_latest else x.latest end, case when not o.is_over then x.summaries end
        """
    }

    private func otherSeries(_ metrics: [String]) -> PostgresQuery {
        """

        left join lateral (
            select array_agg(i.minimum order by m.place) as minima, array_agg(i.maximum order by m.place) as maxima,
                array_agg(coalesce(i.summary, i.last) order by m.place) as latest,
                array_agg(i.summary order by m.place) as summaries
            from unnest(\(metrics)) with ordinality m(name, place) left join metrics n on n.name = m.name
            left join series i on i.run = r.number and i.stream = 0 and i.metric = n.id) x on not o.is_over
        """
    }

    /// Takes ``otherColumns`` off a row.
    private static func splitOthers(_ row: inout PostgresRow) throws -> [StageOutcome.Values] {
        func column() throws -> [Double?] {
            let (rest, values) = try row.splitLast(as: [Double?]?.self)
            row = rest
            return values ?? []
        }
        let (summaries, latest, maxima, minima) = (try column(), try column(), try column(), try column())
        return minima.indices.map { index in
            StageOutcome.Values(
                minimum: minima[index], maximum: index < maxima.count ? maxima[index] : nil,
                latest: index < latest.count ? latest[index] : nil,
                summary: index < summaries.count ? summaries[index] : nil)
        }
    }
}

extension DrawnRun {
    fileprivate mutating func take(_ outcome: TrialOutcome) {
        handle = outcome.run
        state = outcome.runState
        (minimum, maximum, latest) = (outcome.minimum, outcome.maximum, outcome.metrics[0].latest)
        others = Array(outcome.metrics.dropFirst())
    }
}
