import Experiment
import Postgres

extension TrackerStore {
    /// The alias that the version committed last has.
    package static let latest = "latest"

    /// Announces an artifact; its collection is made with it. Where the collection has a committed one with the same
    /// digest, that is the answer, with the aliases wanted.
    package func createArtifact(_ new: NewArtifact) async throws -> Artifact {
        try ArtifactLimits.check(new)
        return try await pool.withTransaction { connection in
            let collection = try await collection(of: new, on: connection)
            let number: Int32
            if new.takesEqual, let equal = try await committed(new.digest, collection, on: connection) {
                number = equal
                try await setAliases(new.aliases + [Self.latest], collection, number, on: connection)
            } else {
                let rows = try await connection.query(
                    """
                    insert into artifacts (id, collection, digest, description, metadata, wanted_aliases, tags, run,
                        history_step)
                    values (\(RunID.random().rawValue), \(collection.id), \(new.digest), \(new.description),
                        \(new.metadata), \(new.aliases), \(new.tags),
                        (select number from runs where project = \(new.project) and handle = \(new.run)),
                        \(new.historyStep))
                    returning number
                    """)
                guard let row = rows.first else { throw StoreError(.unknownArtifact, "the artifact was not stored") }
                number = try row.decode(as: Int32.self)
            }
            if let client = new.clientID {
                try await connection.query(
                    """
                    insert into artifact_clients (client, artifact) values (\(client), \(number))
                    on conflict (client) do update set artifact = excluded.artifact
                    """)
            }
            return try await artifact(number, on: connection)
        }
    }

    /// Makes an announced artifact the next version of its collection, if all its files are there.
    ///
    /// `files`: what its manifest lists, files that lie elsewhere left out; `references`: how many of these there are.
    /// Committing twice changes nothing.
    package func commitArtifact(
        id: String, files: [ArtifactContent], references: Int = 0
    ) async throws -> Artifact {
        try await pool.withTransaction { connection in
            let artifact = try await artifact(id: id, on: connection)
            // Versions of one collection are numbered one after the other.
            try await connection.query(
                "select from artifact_collections where id = \(artifact.collection.id) for update")
            let current = try await self.artifact(artifact.number, on: connection)
            guard !current.isCommitted else { return current }
            try await checkReceived(files, of: artifact, on: connection)
            try await connection.query(
                """
                insert into artifact_files (artifact, name, content)
                select \(artifact.number), f.name, c.id
                from unnest(\(files.map(\.name)), \(files.map(\.md5))) f(name, md5)
                join artifact_contents c on c.project = \(artifact.collection.project) and c.md5 = f.md5
                on conflict do nothing
                """)
            let rows = try await connection.query(
                """
                with next as (
                    update artifact_collections set versions = versions + 1 where id = \(artifact.collection.id)
                    returning versions - 1 as version)
                update artifacts a set version = n.version, bytes = \(files.reduce(0) { $0 + $1.bytes }),
                    file_count = \(Int32(clamping: files.count + references)), updated_at = now()
                from next n where a.number = \(artifact.number) returning a.wanted_aliases
                """)
            let wanted = try rows.first?.decode(as: [String].self) ?? []
            try await setAliases(wanted + [Self.latest], artifact.collection, artifact.number, on: connection)
            return try await self.artifact(artifact.number, on: connection)
        }
    }

    private func checkReceived(
        _ files: [ArtifactContent], of artifact: Artifact, on connection: PostgresConnection
    ) async throws {
        let missing = try await connection.query(
            """
            select f.name, c.bytes from unnest(\(files.map(\.name)), \(files.map(\.md5)), \(files.map(\.bytes)))
                f(name, md5, bytes)
            left join artifact_contents c on c.project = \(artifact.collection.project) and c.md5 = f.md5
            where c.bytes is distinct from f.bytes limit 1
            """)
        guard let row = missing.first else { return }
        let (name, bytes) = try row.decode(as: String.self, Int64?.self)
        throw StoreError(
            .incompleteArtifact,
            "the artifact '\(artifact.collection.name)' cannot be committed: its file '\(name.prefix(200))' "
                + (bytes == nil ? "has not arrived" : "has another size than its manifest says") + "; log it again")
    }

    private func collection(
        of new: NewArtifact, on connection: PostgresConnection
    ) async throws -> ArtifactCollection {
        let rows = try await connection.query(
            """
            insert into artifact_collections as c (project, type, name)
            values (\(new.project), \(new.type), \(new.collection))
            on conflict (project, name) do update set name = excluded.name
            returning \(ArtifactCollection.columns)
            """)
        guard let collection = try rows.first.map(ArtifactCollection.init) else {
            throw StoreError(.unknownArtifact, "the artifact's collection was not stored; try again")
        }
        guard collection.type == new.type else {
            throw StoreError(
                .invalidArtifact,
                "'\(new.collection)' is an artifact of type '\(collection.type)', not '\(new.type)'; "
                    + "choose another name or the same type")
        }
        return collection
    }

    private func committed(
        _ digest: String, _ collection: ArtifactCollection, on connection: PostgresConnection
    ) async throws -> Int32? {
        let rows = try await connection.query(
            """
            select number from artifacts
            where collection = \(collection.id) and digest = \(digest) and version is not null
            order by version desc limit 1
            """)
        return try rows.first?.decode(as: Int32.self)
    }

    /// An alias belongs to one version of its collection: it moves.
    func setAliases(
        _ aliases: [String], _ collection: ArtifactCollection, _ artifact: Int32, on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            insert into artifact_aliases (collection, alias, artifact)
            select distinct \(collection.id)::int, a, \(artifact)::int from unnest(\(aliases)) a
            on conflict (collection, alias) do update set artifact = excluded.artifact
            """)
    }
}
