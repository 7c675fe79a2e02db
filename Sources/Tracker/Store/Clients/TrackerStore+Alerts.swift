import Postgres

extension TrackerStore {
    /// False where there is no such run.
    package func addAlert(
        project: String, handle: String, level: String, title: String, text: String
    ) async throws -> Bool {
        for (value, what) in [(level, "the level"), (title, "the title"), (text, "the text")] {
            try IngestLimits.check(text: value, what)
        }
        return try await pool.query(
            """
            insert into alerts (run, level, title, text)
            select number, \(level), \(title), \(text) from runs where project = \(project) and handle = \(handle)
            """
        ).affected > 0
    }
}
