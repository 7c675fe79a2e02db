import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// What a poll of a sweep costs: one scan of its stages' narrow columns and one look at its best run.
    func summaries(of sweeps: [SweepRow]) async throws -> [SweepSummary] {
        let planned = sweeps.filter { !$0.isDrawn }
        let tallies = try await tallies(of: planned.map(\.number))
        let drawn = try await drawnProgress(of: sweeps.filter(\.isDrawn).map(\.number))
        let trials = try await trialCounts(of: planned.map(\.number))
        var summaries: [SweepSummary] = []
        for sweep in sweeps {
            let progress = drawn[sweep.number]
            let tally = tallies[sweep.number] ?? Tally()
            let count = progress?.runs.values.reduce(0, +) ?? trials[sweep.number] ?? 0
            summaries.append(
                SweepSummary(
                    id: sweep.id, name: sweep.name, project: sweep.project, created: sweep.created,
                    state: progress == nil ? state(of: sweep, tally.counts, trials: count) : nil, trials: count,
                    trialsDone: progress?.runs["finished"] ?? tally.trialsDone, stages: tally.counts,
                    metric: sweep.metric, goal: sweep.goal, best: try await best(of: sweep),
                    expectedTrials: progress != nil ? nil : sweep.drawsTrials ? sweep.runCap : count,
                    workLeft: progress == nil ? tally.workLeft : nil, drawn: progress))
        }
        return summaries
    }

    private func state(of sweep: SweepRow, _ counts: StageCounts, trials: Int) -> SweepSummary.State {
        switch sweep.state {
        case .canceled: return .canceled
        case .paused: return counts.state.isOver && !mayDraw(sweep, trials: trials) ? counts.state : .paused
        case .running, .finished:
            return counts.state.isOver && mayDraw(sweep, trials: trials) ? .running : counts.state
        }
    }

    private func mayDraw(_ sweep: SweepRow, trials: Int) -> Bool {
        sweep.drawsTrials && !sweep.isExhausted && trials < sweep.runCap ?? .max
    }

    private struct Tally {
        var counts = StageCounts()
        var trialsDone = 0
        /// Seconds.
        var workLeft: Double?
    }

    private func tallies(of sweeps: [Int32]) async throws -> [Int32: Tally] {
        let rows = try await pool.query(
            """
            select s.sweep, s.name, s.state, s.is_blocked, count(*), coalesce(sum(s.trials_ended), 0),
                coalesce(sum(s.seconds), 0)
            from stages s where s.sweep = any(\(sweeps)) group by s.sweep, s.name, s.state, s.is_blocked
            """)
        var tallies: [Int32: Tally] = [:]
        var open: [Int32: [String: Int]] = [:]
        var done: [Int32: [String: (count: Int, seconds: Double)]] = [:]
        for row in rows {
            let (sweep, name, state, isBlocked, count, ended, seconds) = try row.decode(
                as: Int32.self, String.self, String.self, Bool.self, Int.self, Int.self, Double.self)
            var tally = tallies[sweep] ?? Tally()
            switch StageState(rawValue: state) {
            case .pending where isBlocked: tally.counts.blocked += count
            case .pending:
                tally.counts.pending += count
                open[sweep, default: [:]][name, default: 0] += count
            case .claimed:
                tally.counts.claimed += count
                open[sweep, default: [:]][name, default: 0] += count
            case .done:
                tally.counts.done += count
                tally.trialsDone += ended
                done[sweep, default: [:]][name] = (count, seconds)
            case .stopped: tally.counts.stopped += count
            case .failed, nil: tally.counts.failed += count
            }
            tallies[sweep] = tally
        }
        for (sweep, names) in open {
            let means = done[sweep]?.mapValues { $0.seconds / Double($0.count) } ?? [:]
            guard names.keys.allSatisfy({ means[$0] != nil }) else { continue }
            tallies[sweep]?.workLeft = names.reduce(0) { $0 + Double($1.value) * (means[$1.key] ?? 0) }
        }
        return tallies
    }

    private func trialCounts(of sweeps: [Int32]) async throws -> [Int32: Int] {
        let rows = try await pool.query(
            "select sweep, count(*) from trials where sweep = any(\(sweeps)) group by sweep")
        return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(as: Int32.self, Int.self) })
    }

    private func best(of sweep: SweepRow) async throws -> BestTrial? {
        guard let metric = sweep.metric else { return nil }
        let (column, order): (PostgresQuery, PostgresQuery) =
            sweep.goal == .minimize ? ("e.minimum", "asc") : ("e.maximum", "desc")
        let rows = try await pool.query(
            """
            select r.id, \(column), (
                select s.trial from stages s where s.sweep = \(sweep.number) and (s.run = r.id or s.reused_from = r.id)
                order by s.position limit 1)
            from runs r
            join series e on e.run = r.number and e.stream = 0 and e.metric = (
                select id from metrics where name = \(metric))
            where \(try await runs(of: sweep)) and \(column) is not null and \(column) not in (
                'NaN'::float8, 'Infinity'::float8, '-Infinity'::float8)
            order by \(column) \(order), r.number limit 1
            """)
        guard let (run, value, trial) = try rows.first?.decode(as: String.self, Double.self, Int?.self) else {
            return nil
        }
        return BestTrial(value: value, trial: trial, run: try runID(run))
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
}
