package import FoundationEssentials
import Postgres

/// One version of a collection of files, or one on its way to become that.
package struct Artifact: Sendable, Hashable {
    package var number: Int32
    package var id: String
    package var collection: ArtifactCollection
    /// Nil until it is committed.
    package var version: Int32?
    package var digest: String
    package var description: String?
    /// JSON as the client wrote it.
    package var metadata: String?
    package var aliases: [String]
    package var tags: [String]
    /// Number of the run that logged it.
    package var run: Int32?
    package var historyStep: Int64?
    package var bytes: Int64
    package var fileCount: Int
    package var created: Date
    package var updated: Date

    package var isCommitted: Bool { version != nil }

    /// For `from artifacts a join artifact_collections c on c.id = a.collection`.
    static let columns: PostgresQuery =
        """
        \(ArtifactCollection.columns), a.number, a.id, a.version, a.digest, a.description, a.metadata,
        array(select l.alias from artifact_aliases l where l.artifact = a.number order by l.alias), a.tags, a.run,
        a.history_step, a.bytes, a.file_count, a.created_at, a.updated_at
        """

    init(_ row: PostgresRow) throws {
        let (
            id, project, type, name, details, created, number, artifact, version, digest, description, metadata,
            aliases, tags, run, step, bytes, files, logged, updated
        ) = try row.decode(
            as: Int32.self, String.self, String.self, String.self, String?.self, Date.self, Int32.self, String.self,
            Int32?.self, String.self, String?.self, String?.self, [String].self, [String].self, Int32?.self,
            Int64?.self, Int64.self, Int.self, Date.self, Date.self)
        collection = ArtifactCollection(
            id: id, project: project, type: type, name: name, description: details, created: created)
        self.number = number
        self.id = artifact
        self.version = version
        self.digest = digest
        self.description = description
        self.metadata = metadata
        self.aliases = aliases
        self.tags = tags
        self.run = run
        historyStep = step
        self.bytes = bytes
        fileCount = files
        self.created = logged
        self.updated = updated
    }
}
