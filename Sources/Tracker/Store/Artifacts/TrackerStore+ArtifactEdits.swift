import Experiment
import Postgres

extension TrackerStore {
    package func editArtifact(_ artifact: Artifact, _ edit: ArtifactEdit) async throws -> Artifact {
        try ArtifactLimits.check(description: edit.description, metadata: edit.metadata)
        for tag in edit.tagsToAdd { try ArtifactLimits.check(name: tag, "tag") }
        return try await pool.withTransaction { connection in
            try await connection.query(
                """
                update artifacts set description = coalesce(\(edit.description), description),
                    metadata = coalesce(\(edit.metadata), metadata), updated_at = now(),
                    tags = array(select distinct t from unnest(tags || \(edit.tagsToAdd)) t
                        where t <> all(\(edit.tagsToDelete)) order by t)
                where number = \(artifact.number)
                """)
            return try await self.artifact(artifact.number, on: connection)
        }
    }

    /// Gives the version aliases; each is taken from the one that has it.
    package func addAliases(_ aliases: [String], to artifact: Artifact) async throws {
        try aliases.forEach(ArtifactLimits.check(alias:))
        try await pool.withConnection {
            try await setAliases(aliases, artifact.collection, artifact.number, on: $0)
        }
    }

    package func deleteAliases(_ aliases: [String], of artifact: Artifact) async throws {
        try await pool.query(
            "delete from artifact_aliases where artifact = \(artifact.number) and alias = any(\(aliases))")
    }

    /// Notes that a run reads the artifact; a run that is not known leaves no note.
    package func useArtifact(_ artifact: Artifact, project: String, run: String) async throws {
        try await pool.query(
            """
            insert into artifact_uses (run, artifact)
            select number, \(artifact.number)::int from runs where project = \(project) and handle = \(run)
            on conflict do nothing
            """)
    }

    /// Deletes a version. The newest of those that stay is the latest then; aliases are deleted only if that was said.
    ///
    /// The files that nothing needs any more are left to ``releaseContents(project:)``.
    package func deleteArtifact(_ artifact: Artifact, withAliases: Bool) async throws {
        let others = artifact.aliases.filter { $0 != Self.latest }
        guard withAliases || others.isEmpty else {
            throw StoreError(
                .invalidArtifact,
                "the artifact has the alias '\(others[0])'; delete it with delete_aliases=True, or the alias first")
        }
        try await pool.withTransaction { connection in
            try await connection.query("delete from artifacts where number = \(artifact.number)")
            try await connection.query(
                """
                insert into artifact_aliases (collection, alias, artifact)
                select collection, \(Self.latest), number from artifacts
                where collection = \(artifact.collection.id) and version is not null order by version desc limit 1
                on conflict do nothing
                """)
        }
    }

    /// Deletes a collection with all its versions. Their ids.
    package func deleteArtifactCollection(_ collection: ArtifactCollection) async throws -> [String] {
        try await pool.withTransaction { connection in
            let rows = try await connection.query(
                "delete from artifacts where collection = \(collection.id) returning id")
            try await connection.query("delete from artifact_collections where id = \(collection.id)")
            return try rows.map { try $0.decode(as: String.self) }
        }
    }
}
