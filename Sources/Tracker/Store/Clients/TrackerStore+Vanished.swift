package import Experiment
import Postgres

extension TrackerStore {
    /// Settles runs that have not been heard of for `seconds` although their client promised to be: they crashed, or
    /// were killed where they had been asked to stop. Their ids.
    package func settleVanishedRuns(after seconds: Double) async throws -> [RunID] {
        let rows = try await pool.query(
            """
            update runs set state = case when stop_requested then 'killed' else 'crashed' end,
                finished_at = heartbeat_at, message = 'nothing was heard of it any more'
            where state = 'running' and heartbeat_at < now() - make_interval(secs => \(seconds))
            returning id
            """)
        return try rows.map { try runID(try $0.decode(as: String.self)) }
    }
}
