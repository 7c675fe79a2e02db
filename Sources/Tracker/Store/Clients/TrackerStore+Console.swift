import Postgres

extension TrackerStore {
    /// Writes lines at their places: a progress bar comes again and again.
    func record(_ lines: [ConsoleLine], of run: Int32, on connection: PostgresConnection) async throws {
        guard !lines.isEmpty else { return }
        // One statement may not touch a row twice: the last word counts.
        let unique = Dictionary(lines.map { ($0.line, $0) }, uniquingKeysWith: { $1 }).values
        try await connection.query(
            """
            insert into console_lines (run, line, time, is_error, label, text)
            select \(run), l.* from unnest(
                \(unique.map(\.line)), \(unique.map(\.time)), \(unique.map(\.isError)), \(unique.map(\.label)),
                \(unique.map(\.text))) l
            on conflict (run, line) do update set time = excluded.time, is_error = excluded.is_error,
                label = excluded.label, text = excluded.text
            """)
    }
}
