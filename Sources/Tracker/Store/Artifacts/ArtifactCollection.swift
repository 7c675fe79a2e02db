package import FoundationEssentials
import Postgres

/// The versions of one artifact.
package struct ArtifactCollection: Sendable, Hashable {
    package var id: Int32
    package var project: String
    package var type: String
    package var name: String
    package var description: String?
    package var created: Date

    static let columns: PostgresQuery = "c.id, c.project, c.type, c.name, c.description, c.created_at"

    init(id: Int32, project: String, type: String, name: String, description: String?, created: Date) {
        self.id = id
        self.project = project
        self.type = type
        self.name = name
        self.description = description
        self.created = created
    }

    init(_ row: PostgresRow) throws {
        (id, project, type, name, description, created) = try row.decode(
            as: Int32.self, String.self, String.self, String.self, String?.self, Date.self)
    }
}
