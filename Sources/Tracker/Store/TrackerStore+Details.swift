package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Lines of a run's output from line `first` on.
    package func consoleLines(run: RunID, from first: Int64 = 0, limit: Int = 10_000) async throws -> [ConsoleLine] {
        let number = try await number(of: run)
        return try await consoleLines("where run = \(number) and line >= \(first) order by line limit \(limit)")
    }

    /// The last lines of a run's output, in their order.
    package func consoleTail(run: RunID, limit: Int) async throws -> [ConsoleLine] {
        let number = try await number(of: run)
        return try await consoleLines("where run = \(number) order by line desc limit \(limit)").reversed()
    }

    private func consoleLines(_ scope: PostgresQuery) async throws -> [ConsoleLine] {
        let rows = try await pool.query("select line, time, is_error, label, text from console_lines \(scope)")
        return try rows.map { row in
            let (line, time, isError, label, text) = try row.decode(
                as: Int64.self, Date?.self, Bool.self, String?.self, String.self)
            return ConsoleLine(line: line, time: time, isError: isError, label: label, text: text)
        }
    }

    /// A run's alerts, oldest first.
    package func alerts(run: RunID) async throws -> [RunAlert] {
        let number = try await number(of: run)
        let rows = try await pool.query(
            "select id, time, level, title, text from alerts where run = \(number) order by id")
        return try rows.map { row in
            let (id, time, level, title, text) = try row.decode(
                as: Int64.self, Date.self, String.self, String.self, String.self)
            return RunAlert(id: id, time: time, level: level, title: title, text: text)
        }
    }
}
