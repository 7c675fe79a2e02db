import Postgres

extension TrackerStore {
    /// Names of what some runs have logged, sorted bytewise. `texts`: of what is no number too.
    package func historyNames(of runs: [Int32], _ stream: HistoryStream, texts: Bool) async throws -> [String] {
        let rows = try await pool.query(
            """
            select name from (
                select m.name from metrics m where exists (
                    select from series s where s.metric = m.id and s.stream = \(stream.number) and s.run = any(\(runs)))
                union
                select k from row_values v cross join lateral json_object_keys(v.data) k
                where \(texts) and v.run = any(\(runs)) and v.stream = \(stream.number)) n
            order by name collate "C"
            """)
        return try rows.map { try $0.decode(as: String.self) }
    }
}
