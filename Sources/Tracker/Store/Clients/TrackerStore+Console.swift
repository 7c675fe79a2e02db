package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Lines that a run has printed, in their order. `after`: the number of the last line before.
    package func console(of run: Int32, after: Int64 = -1, limit: Int) async throws -> [ConsoleLine] {
        try await consoleLines(
            "where run = \(run) and line > \(after) order by line limit \(max(0, min(limit, 100_000)))")
    }

    /// The last lines, in their order.
    package func consoleTail(of run: Int32, limit: Int) async throws -> [ConsoleLine] {
        try await consoleLines("where run = \(run) order by line desc limit \(max(0, min(limit, 100_000)))").reversed()
    }

    private func consoleLines(_ scope: PostgresQuery) async throws -> [ConsoleLine] {
        let rows = try await pool.query(
            """
            select line, (extract(epoch from time) * 1000000)::bigint, is_error, label, text
            from console_lines \(scope)
            """)
        return try rows.map { row in
            let (number, time, isError, label, text) = try row.decode(
                as: Int64.self, Int64?.self, Bool.self, String?.self, String.self)
            return ConsoleLine(number: number, time: time, isError: isError, label: label, text: text)
        }
    }

    /// Writes lines at their places: a progress bar comes again and again.
    func record(_ lines: [ConsoleLine], of run: Int32, on connection: PostgresConnection) async throws {
        guard !lines.isEmpty else { return }
        // One statement may not touch a row twice: the last word counts.
        let unique = Dictionary(lines.map { ($0.number, $0) }, uniquingKeysWith: { $1 }).values
        let times = unique.map { $0.time.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) } }
        try await connection.query(
            """
            insert into console_lines (run, line, time, is_error, label, text)
            select \(run), l.* from unnest(
                \(unique.map(\.number)), \(times), \(unique.map(\.isError)), \(unique.map(\.label)),
                \(unique.map(\.text))) l
            on conflict (run, line) do update set time = excluded.time, is_error = excluded.is_error,
                label = excluded.label, text = excluded.text
            """)
    }
}
