package import Experiment
package import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Sets how a run that was brought along from elsewhere ended, and when all that was.
    package func settleImported(
        run: RunID, state: RunState, exitCode: Int32?, started: Date?, finished: Date?
    ) async throws {
        let finished = state.isFinal ? finished ?? started : nil
        try await pool.query(
            """
            update runs set state = \(state.rawValue), exit_code = \(exitCode), stop_requested = false,
                created_at = coalesce(\(started), created_at), started_at = coalesce(\(started), started_at),
                finished_at = coalesce(\(finished), finished_at), heartbeat_at = \(finished)
            where id = \(run.rawValue)
            """)
    }
}
