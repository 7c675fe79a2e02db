import FoundationEssentials
import Postgres

extension TrackerStore {
    package func artifact(id: String) async throws -> Artifact {
        try await pool.withConnection { try await artifact(id: id, on: $0) }
    }

    /// The version of a collection that `name` means: `model:v2`, `model:best`, or `model` for the latest.
    /// Nil where there is none.
    package func artifact(project: String, name: String) async throws -> Artifact? {
        let parts = name.split(separator: ":", maxSplits: 1)
        guard let collection = parts.first.map(String.init) else { return nil }
        return try await artifact(
            project: project, collection: collection, alias: parts.count > 1 ? String(parts[1]) : Self.latest)
    }

    /// `alias`: an alias or `v` and a version's number.
    package func artifact(project: String, collection: String, alias: String) async throws -> Artifact? {
        let version = alias.first == "v" ? Int32(alias.dropFirst()) : nil
        return try await artifacts(
            where: """
                c.project = \(project) and c.name = \(collection) and a.version is not null and (
                    a.version = \(version)
                    or exists (select from artifact_aliases l where l.artifact = a.number and l.alias = \(alias)))
                """, limit: 1
        ).first
    }

    /// The versions of a collection, the newest first; `before` is the version of the last one seen.
    package func artifacts(
        in collection: ArtifactCollection, before: Int32? = nil, limit: Int
    ) async throws -> [Artifact] {
        try await artifacts(
            where: """
                c.id = \(collection.id) and a.version is not null and (\(before)::int is null or a.version < \(before))
                """, limit: limit)
    }

    /// What a run logged, or read, the newest first; `before` is the number of the last one seen.
    package func artifacts(ofRun run: Int32, used: Bool, before: Int32? = nil, limit: Int) async throws -> [Artifact] {
        let mine: PostgresQuery =
            used
            ? "exists (select from artifact_uses u where u.run = \(run) and u.artifact = a.number)" : "a.run = \(run)"
        return try await artifacts(
            where: "\(mine) and a.version is not null and (\(before)::int is null or a.number < \(before))",
            limit: limit)
    }

    /// The collections of a project by name; `type`: nil for all.
    package func artifactCollections(
        project: String, type: String? = nil, name: String? = nil, after: String? = nil, limit: Int
    ) async throws -> [ArtifactCollection] {
        let rows = try await pool.query(
            """
            select \(ArtifactCollection.columns) from artifact_collections c
            where c.project = \(project) and (\(type)::text is null or c.type = \(type))
                and (\(name)::text is null or c.name = \(name)) and (\(after)::text is null or c.name > \(after))
            order by c.name limit \(max(0, limit))
            """)
        return try rows.map(ArtifactCollection.init)
    }

    package func artifactTypes(project: String) async throws -> [String] {
        try await texts("select distinct type from artifact_collections where project = \(project) order by type")
    }

    package func artifactCount(in collection: ArtifactCollection) async throws -> Int {
        let rows = try await pool.query(
            "select count(*) from artifacts where collection = \(collection.id) and version is not null")
        return try rows.first?.decode(as: Int.self) ?? 0
    }

    /// An artifact's files by name, `after` the name of the last one seen; `names`: nil for all.
    package func files(
        of artifact: Artifact, names: [String]? = nil, after: String? = nil, limit: Int
    ) async throws -> [ArtifactContent] {
        let rows = try await pool.query(
            """
            select f.name, c.md5, c.bytes from artifact_files f join artifact_contents c on c.id = f.content
            where f.artifact = \(artifact.number) and (\(after)::text is null or f.name > \(after))
                and (\(names)::text[] is null or f.name = any(\(names)))
            order by f.name limit \(max(0, limit))
            """)
        return try rows.map { row in
            let (name, md5, bytes) = try row.decode(as: String.self, String.self, Int64.self)
            return ArtifactContent(name: name, md5: md5, bytes: bytes)
        }
    }

    /// Numbers of the runs that read an artifact.
    package func users(of artifact: Artifact) async throws -> [Int32] {
        let rows = try await pool.query(
            "select run from artifact_uses where artifact = \(artifact.number) order by run")
        return try rows.map { try $0.decode(as: Int32.self) }
    }

    /// The artifact that a client has given a name of its own before it knew its id.
    package func artifact(client: String) async throws -> Artifact? {
        try await artifacts(
            where: "a.number = (select artifact from artifact_clients where client = \(client))", limit: 1
        ).first
    }

    package func artifactCollection(id: Int32) async throws -> ArtifactCollection? {
        try await pool.query(
            "select \(ArtifactCollection.columns) from artifact_collections c where c.id = \(id)"
        ).first.map(ArtifactCollection.init)
    }

    package static func unknownArtifact(_ id: String) -> StoreError {
        StoreError(.unknownArtifact, "there is no artifact with the id '\(id.prefix(60))'; was it deleted?")
    }

    // MARK: Within a transaction

    func artifact(id: String, on connection: PostgresConnection) async throws -> Artifact {
        guard let artifact = try await artifacts(where: "a.id = \(id)", limit: 1, on: connection).first else {
            throw Self.unknownArtifact(id)
        }
        return artifact
    }

    func artifact(_ number: Int32, on connection: PostgresConnection) async throws -> Artifact {
        guard let artifact = try await artifacts(where: "a.number = \(number)", limit: 1, on: connection).first else {
            throw StoreError(.unknownArtifact, "the artifact has just been deleted")
        }
        return artifact
    }

    private func artifacts(where condition: PostgresQuery, limit: Int) async throws -> [Artifact] {
        try await pool.withConnection { try await artifacts(where: condition, limit: limit, on: $0) }
    }

    private func artifacts(
        where condition: PostgresQuery, limit: Int, on connection: PostgresConnection
    ) async throws -> [Artifact] {
        let rows = try await connection.query(
            """
            select \(Artifact.columns) from artifacts a join artifact_collections c on c.id = a.collection
            where \(condition) order by a.number desc limit \(max(0, limit))
            """)
        return try rows.map(Artifact.init)
    }
}
