package import Experiment
package import FoundationEssentials
import Postgres

/// Something that a run wanted people to know.
package struct RunAlert: Codable, Sendable, Hashable {
    package var time: Date
    /// `INFO`, `WARN` or `ERROR`.
    package var level: String
    package var title: String
    package var text: String
}

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

    /// A run's alerts, oldest first.
    package func alerts(run: RunID) async throws -> [RunAlert] {
        let number = try await number(of: run)
        let rows = try await pool.query(
            "select time, level, title, text from alerts where run = \(number) order by id")
        return try rows.map { row in
            let (time, level, title, text) = try row.decode(as: Date.self, String.self, String.self, String.self)
            return RunAlert(time: time, level: level, title: title, text: text)
        }
    }
}
