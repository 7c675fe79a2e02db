package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    package func fileCount(of run: Int32) async throws -> Int {
        try await pool.query("select count(*) from files where run = \(run)").first?.decode(as: Int.self) ?? 0
    }

    /// A run's files by path, after the path `after`. `paths`: nil for all. `like`: a pattern of SQL's `like`.
    package func files(
        of run: Int32, paths: [String]? = nil, like: String? = nil, after: String? = nil, limit: Int
    ) async throws -> [RunFile] {
        let rows = try await pool.query(
            """
            select key, step, path, media_type, bytes, sha256, caption, time from files
            where run = \(run) and (\(paths)::text[] is null or path = any(\(paths)))
                and (\(like)::text is null or path like \(like))
                and (\(after)::text is null or path collate "C" > \(after))
            order by path collate "C" limit \(max(0, limit))
            """)
        return try rows.map { row in
            let (key, step, path, mediaType, bytes, sha256, caption, time) = try row.decode(
                as: String.self, Int64.self, String.self, String.self, Int.self, String.self, String?.self, Date.self)
            return RunFile(
                key: key, step: step, path: path, mediaType: mediaType, bytes: bytes, sha256: sha256, caption: caption,
                time: time)
        }
    }
}
