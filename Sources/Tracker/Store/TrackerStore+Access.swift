package import Experiment
import Postgres

extension TrackerStore {
    /// The project that a run belongs to; for checking who may touch the run.
    package func project(ofRun run: RunID) async throws -> String {
        guard let project = try await knownProject(ofRun: run) else { throw Self.unknownRun(run) }
        return project
    }

    /// Nil where there is no such run yet.
    package func knownProject(ofRun run: RunID) async throws -> String? {
        try await pool.query("select project from runs where id = \(run.rawValue)").first?.decode(as: String.self)
    }

    /// The sweep of that id, else of the newest of that name.
    /// `project`: nil to look in all.
    package func sweepPlace(idOrName: String, project: String?) async throws -> SweepPlace {
        if let place = places.place(id: idOrName, project: project) { return place }
        let rows = try await pool.query(
            """
            select \(SweepRow.columns) from sweeps
            where (id = \(idOrName) or name = \(idOrName)) and (\(project)::text is null or project = \(project))
            order by id = \(idOrName) desc, number desc limit 1
            """)
        guard let row = rows.first else {
            let names = try await pool.query(
                "select distinct name from sweeps where \(project)::text is null or project = \(project)"
            ).map { try $0.decode(as: String.self) }
            throw TrackerStore.unknownSweep(idOrName, among: names)
        }
        let place = SweepPlace(row: try SweepRow(row))
        if place.id == idOrName { places.keep(place) }
        return place
    }

    package static func unknownRun(_ id: RunID) -> StoreError {
        StoreError(.unknownRun, "there is no run '\(id)'; see `tracker runs`")
    }
}

extension TrackerStore {
    /// Whether nobody has kept anything here yet.
    package var isEmpty: Bool {
        get async throws {
            try await pool.query(
                """
                select where exists (select from runs) or exists (select from sweeps) or exists (select from tokens)
                    or exists (select from artifact_collections)
                """
            ).isEmpty
        }
    }
}
