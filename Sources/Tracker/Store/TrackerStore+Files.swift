package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Notes a file of a run; one that has the same path replaces it.
    package func registerFile(run: RunID, attempt: Int, _ file: RunFile) async throws {
        try IngestLimits.check(file)
        let number = try await number(of: run)
        try await pool.withConnection { try await insert(file, number, attempt, on: $0) }
    }

    /// A run's files, by key and step.
    package func files(run: RunID, key: String? = nil) async throws -> [StoredFile] {
        let number = try await number(of: run)
        return try await files(where: "f.run = \(number)", key: key)
    }

    /// The files of all runs of a sweep.
    /// `sweep`: id or name.
    package func files(sweep: String, key: String? = nil) async throws -> [StoredFile] {
        try await files(where: runs(of: sweepRow(sweep)), key: key)
    }

    func insert(_ file: RunFile, _ run: Int32, _ attempt: Int, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            insert into files (run, path, attempt, key, step, media_type, bytes, sha256, caption, time)
            values (\(run), \(file.path), \(Int32(clamping: attempt)), \(file.key), \(file.step), \(file.mediaType),
                \(file.bytes), \(file.sha256.lowercased()), \(file.caption), \(file.time))
            on conflict (run, path) do update set attempt = excluded.attempt, key = excluded.key,
                step = excluded.step, media_type = excluded.media_type, bytes = excluded.bytes,
                sha256 = excluded.sha256, caption = excluded.caption, time = excluded.time
            where files.attempt <= excluded.attempt
            """)
    }

    private func files(where scope: PostgresQuery, key: String?) async throws -> [StoredFile] {
        let rows = try await pool.query(
            """
            select r.id, coalesce(r.name, r.id), f.attempt, f.key, f.step, f.path, f.media_type, f.bytes, f.sha256,
                f.caption, f.time
            from files f join runs r on r.number = f.run
            where \(scope) and (\(key)::text is null or f.key = \(key))
            order by r.number, f.key, f.step, f.path
            """)
        return try rows.map { row in
            let (run, name, attempt, key, step, path, mediaType, bytes, sha256, caption, time) = try row.decode(
                as: String.self, String.self, Int.self, String.self, Int64.self, String.self, String.self, Int.self,
                String.self, String?.self, Date.self)
            return StoredFile(
                run: try runID(run), runName: name, attempt: attempt,
                file: RunFile(
                    key: key, step: step, path: path, mediaType: mediaType, bytes: bytes, sha256: sha256,
                    caption: caption, time: time))
        }
    }
}
