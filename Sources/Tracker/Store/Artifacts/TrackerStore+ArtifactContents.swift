import Experiment
import Postgres

extension TrackerStore {
    /// The folder of a project's files: projects share none, so that a token of one learns nothing of another's.
    package static func artifactFolder(project: String) -> String { String(SHA256.hex(project).prefix(32)) }

    /// Announces contents (MD5 sums in hexadecimal) that an artifact will need; those that are here already.
    package func announceContents(_ sums: [String], project: String) async throws -> Set<String> {
        let folder = Self.artifactFolder(project: project)
        try await pool.query(
            """
            insert into artifact_contents (project, folder, md5)
            select distinct \(project), \(folder), m from unnest(\(sums)) m on conflict do nothing
            """)
        return Set(
            try await texts(
                """
                select md5 from artifact_contents
                where folder = \(folder) and md5 = any(\(sums)) and bytes is not null
                """))
    }

    /// Notes that a content has arrived; false where nobody waits for it any more.
    package func receiveContent(_ md5: String, bytes: Int64, folder: String) async throws -> Bool {
        try await pool.query(
            "update artifact_contents set bytes = \(bytes) where folder = \(folder) and md5 = \(md5)"
        ).affected > 0
    }

    /// Forgets the contents of a project that no artifact needs, and says which: their files can be deleted.
    ///
    /// Nothing is forgotten while an artifact is on its way: a client may have been told that a content is here.
    package func releaseContents(project: String) async throws -> [String] {
        try await texts(
            """
            delete from artifact_contents c
            where project = \(project) and not exists (select from artifact_files f where f.content = c.id)
                and not exists (
                    select from artifacts a join artifact_collections o on o.id = a.collection
                    where o.project = \(project) and a.version is null and a.created_at > now() - interval '1 day')
            returning md5
            """)
    }

    /// Deletes artifacts that were announced and never committed. Their ids.
    package func deleteAbandonedArtifacts() async throws -> [String] {
        try await texts(
            "delete from artifacts where version is null and created_at < now() - interval '7 days' returning id")
    }

    /// Every content that has been received: what must lie on the disk.
    package func artifactContents() async throws -> [(folder: String, md5: String, bytes: Int64)] {
        let rows = try await pool.query(
            "select folder, md5, bytes from artifact_contents where bytes is not null order by id")
        return try rows.map { try $0.decode(as: String.self, String.self, Int64.self) }
    }

    package func projectsWithArtifacts() async throws -> [String] {
        try await texts("select distinct project from artifact_contents order by project")
    }
}
