package import Experiment
import Postgres

extension TrackerStore {
    /// Deletes runs with all that is known of them; answers those that were there. The files they uploaded are left to
    /// the caller.
    ///
    /// Each run is a transaction of its own: it is gone as a whole or not at all, others are read and written meanwhile,
    /// and memory does not grow with the run, which is at most a few statements for each table.
    @discardableResult
    package func deleteRuns(_ runs: [RunID]) async throws -> [RunID] {
        var deleted: [RunID] = []
        for run in runs {
            let rows = try await pool.query("delete from runs where id = \(run.rawValue)")
            if rows.affected > 0 { deleted.append(run) }
        }
        return deleted
    }
}
