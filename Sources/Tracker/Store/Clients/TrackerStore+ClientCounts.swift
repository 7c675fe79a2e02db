import Postgres

/// How many lines of each of a client's files the tracker holds: where a client that goes on with a run begins.
package struct LineCounts: Sendable, Hashable {
    package var history: Int64
    package var system: Int64
    package var console: Int64
    /// The attempts that history and system metrics go to; nil where nothing is there.
    package var historyAttempt: Int?
    package var systemAttempt: Int?
}

extension TrackerStore {
    /// Of a run of our own clients, the number of its rows.
    package func lineCounts(of run: Int32) async throws -> LineCounts {
        let rows = try await pool.query(
            """
            select (select coalesce(max(lines), (select coalesce(sum(count), 0)::bigint from segments
                    where run = \(run) and stream = 0)) from line_counts where run = \(run) and stream = 0),
                (select coalesce(max(lines), 0) from line_counts where run = \(run) and stream = 1),
                (select coalesce(max(line) + 1, 0) from console_lines where run = \(run)),
                (select max(attempt) from segments where run = \(run) and stream = 0),
                (select max(attempt) from segments where run = \(run) and stream = 1)
            """)
        guard let row = rows.first else { return LineCounts(history: 0, system: 0, console: 0) }
        let (history, system, console, historyAttempt, systemAttempt) = try row.decode(
            as: Int64.self, Int64.self, Int64.self, Int?.self, Int?.self)
        return LineCounts(
            history: history, system: system, console: console, historyAttempt: historyAttempt,
            systemAttempt: systemAttempt)
    }
}
