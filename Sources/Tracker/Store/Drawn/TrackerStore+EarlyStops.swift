import Experiment
import Postgres

extension TrackerStore {
    /// Asks the sweep's rule about a run that has logged something new, and notes the order to stop. The decision is made
    /// of the record alone: the same record gives the same one.
    func orderStopIfHopeless(_ key: String, of sweep: SweepRow, _ search: any TrialSearching) async throws {
        guard let metric = sweep.metric else { return }
        let rows = try await pool.query(
            """
            update stages s set values_seen = e.count
            from runs r join series e on e.run = r.number and e.stream = 0 join metrics m on m.id = e.metric
            where s.sweep = \(sweep.number) and s.key = \(key) and s.state = 'claimed' and s.stop_reason is null
                and r.id = s.run and m.name = \(metric) and e.count > s.values_seen
            returning r.handle, s.fence
            """)
        guard let (run, fence) = try rows.first?.decode(as: String.self, Int64.self) else { return }
        let curves = try await drawnCurves(sweep: sweep.id, metric: metric, asFarAs: [run])
        guard search.stops(curves).contains(run) else { return }
        try await pool.query(
            """
            update stages set stop_reason = 'stopped early: others did better at this point'
            where sweep = \(sweep.number) and key = \(key) and fence = \(fence) and state = 'claimed'
            """)
    }
}
