package import FoundationEssentials
import Postgres

/// What the tracker knows of a project: it exists because something is in it.
package struct ClientProject: Sendable, Hashable {
    package var name: String
    package var created: Date
    package var runs: Int

    package init(name: String, created: Date, runs: Int) {
        self.name = name
        self.created = created
        self.runs = runs
    }
}

extension TrackerStore {
    /// By name. `only`: the one that the asking token may see.
    package func clientProjects(only: String? = nil) async throws -> [ClientProject] {
        let rows = try await pool.query(
            """
            select project, min(created_at), sum(runs)::bigint from (
                select project, min(created_at) as created_at, count(*) as runs from runs group by project
                union all select project, min(created_at), 0 from sweeps group by project
                union all select project, min(created_at), 0 from artifact_collections group by project) p
            where \(only)::text is null or project = \(only)
            group by project order by project collate "C"
            """)
        return try rows.map { row in
            let (name, created, runs) = try row.decode(as: String.self, Date.self, Int.self)
            return ClientProject(name: name, created: created, runs: runs)
        }
    }

    /// Nil where nothing is in it.
    package func clientProject(_ name: String) async throws -> ClientProject? {
        try await clientProjects(only: name).first
    }
}
