import Postgres

extension TrackerStore {
    /// Which of these contents (MD5 sums) a project has received already.
    package func receivedContents(_ sums: [String], project: String) async throws -> Set<String> {
        Set(
            try await texts(
                """
                select md5 from artifact_contents
                where project = \(project) and md5 = any(\(sums)) and bytes is not null
                """))
    }

    /// Notes that a content has arrived; whoever asks next need not send it.
    package func receiveContent(_ md5: String, bytes: Int64, project: String) async throws {
        try await pool.query(
            """
            insert into artifact_contents (project, md5, bytes) values (\(project), \(md5), \(bytes))
            on conflict (project, md5) do update set bytes = excluded.bytes
            """)
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

    /// Every content that is received, as (project, MD5 sum): what must lie on the disk.
    package func artifactContents() async throws -> [(project: String, md5: String, bytes: Int64)] {
        let rows = try await pool.query(
            "select project, md5, bytes from artifact_contents where bytes is not null order by id")
        return try rows.map { try $0.decode(as: String.self, String.self, Int64.self) }
    }

    package func projectsWithArtifacts() async throws -> [String] {
        try await texts("select distinct project from artifact_contents order by project")
    }
}
