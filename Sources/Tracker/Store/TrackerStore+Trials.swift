package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// The trials of a planned sweep by number, each with the best value of the sweep's metric.
    /// `sweep`: id or name.
    package func trials(sweep: String) async throws -> [TrialStatus] {
        let sweep = try await sweepRow(sweep)
        return try await pool.withConnection { connection in
            let outcomes = try await outcomes(of: sweep, metric: sweep.metric, on: connection)
            let rows = try await connection.query(
                "select number, config, stages from trials where sweep = \(sweep.number) order by number")
            return try rows.map { row in
                let (number, config, stages) = try row.decode(as: Int.self, PostgresJSON.self, [String].self)
                let outcome = outcomes[number] ?? TrialOutcome()
                return TrialStatus(
                    number: number, state: outcome.state, config: try config.object(), stages: stages,
                    run: try runID(outcome.run), value: sweep.goal == .minimize ? outcome.minimum : outcome.maximum)
            }
        }
    }

    /// What became of each trial so far, by number; without the configs, which are the larger part of a trial.
    /// `metric`: the one whose values they get.
    private func outcomes(
        of sweep: SweepRow, metric name: String?, on connection: PostgresConnection
    ) async throws -> [Int: TrialOutcome] {
        let metric = try await connection.query("select id from metrics where name = \(name)").first.map {
            try $0.decode(as: Int32.self)
        }
        let rows = try await connection.query(
            """
            with parts as (
                select t.number, k.key, k.place from trials t, unnest(t.stages) with ordinality k(key, place)
                where t.sweep = \(sweep.number))
            select p.number, coalesce(s.reused_from, s.run), s.state, s.attempts, e.minimum, e.maximum, e.last, e.summary
            from parts p join stages s on s.sweep = \(sweep.number) and s.key = p.key
            left join runs r on r.id = coalesce(s.reused_from, s.run)
            left join series e on e.run = r.number and e.metric = \(metric) and e.stream = 0
            order by p.number, p.place
            """)
        var outcomes: [Int: TrialOutcome] = [:]
        outcomes.reserveCapacity(rows.count)
        for row in rows {
            let (number, run, state, attempts, minimum, maximum, last, summary) = try row.decode(
                as: Int.self, String.self, String.self, Int.self, Double?.self, Double?.self, Double?.self,
                Double?.self)
            outcomes[number, default: TrialOutcome()].add(
                StageOutcome(
                    run: run, state: state, attempts: attempts,
                    values: [
                        StageOutcome.Values(
                            minimum: minimum, maximum: maximum, latest: summary ?? last, summary: summary)
                    ]))
        }
        return outcomes
    }
}
