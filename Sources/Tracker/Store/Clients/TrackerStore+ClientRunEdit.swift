import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Makes the run that scripts of a project call `handle`, if there is none, and edits it.
    ///
    /// A new run's id is its handle where that is free in the whole tracker.
    package func upsertRun(
        project: String, handle: String, _ edit: ClientRunEdit
    ) async throws -> (run: ClientRun, isNew: Bool) {
        try edit.check()
        let isNew = try await pool.withTransaction { connection in
            let isNew = try await insertRun(project: project, handle: handle, on: connection)
            try await apply(edit, to: "project = \(project) and handle = \(handle)", on: connection)
            return isNew
        }
        guard let run = try await clientRun(project: project, handle: handle) else {
            throw StoreError(.unknownRun, "run \(handle) has just been deleted; start it again")
        }
        return (run, isNew)
    }

    /// Edits a run; nil where there is none.
    package func editRun(id: String, _ edit: ClientRunEdit) async throws -> ClientRun? {
        try edit.check()
        try await pool.withTransaction { try await apply(edit, to: "id = \(id)", on: $0) }
        return try await clientRun(id: id)
    }

    /// Asks a run's process to stop; false where there is no such run.
    package func requestStop(id: String) async throws -> Bool {
        try await pool.query("update runs set stop_requested = true where id = \(id)").affected > 0
    }

    /// Whether the run had to be made.
    func insertRun(project: String, handle: String, on connection: PostgresConnection) async throws -> Bool {
        try IngestLimits.check(name: project, "the project")
        try IngestLimits.check(name: handle, "the run's id")
        let wished = RunID(rawValue: handle) ?? .random()
        // The second time for an id that a run of another project has.
        for id in [wished, RunID(rawValue: "\(wished.rawValue.prefix(100))-\(RunID.random())") ?? .random()] {
            let known = try await connection.query(
                "select number from runs where project = \(project) and handle = \(handle)")
            guard known.isEmpty else { return false }
            let made = try await connection.query(
                """
                insert into runs (id, handle, project, name)
                select \(id.rawValue), \(handle), \(project), \(RunName.random()) || '-' || (count(*) + 1)
                from runs where project = \(project)
                on conflict do nothing
                """)
            if made.affected > 0 { return true }
        }
        return false
    }

    private func apply(
        _ edit: ClientRunEdit, to scope: PostgresQuery, on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            update runs set name = coalesce(\(edit.name), name), group_name = coalesce(\(edit.group), group_name),
                job_type = coalesce(\(edit.jobType), job_type), sweep = coalesce(\(edit.sweep), sweep),
                notes = coalesce(\(edit.notes), notes), description = coalesce(\(edit.details), description),
                tags = coalesce(\(edit.tags), tags), host = coalesce(\(edit.host), host),
                program = coalesce(\(edit.program), program), username = coalesce(username, \(edit.username)),
                config = coalesce(\(try edit.config.map(PostgresJSON.init)), config),
                client_config = coalesce(\(try edit.clientConfig.map(PostgresJSON.init)), client_config),
                summary = coalesce(\(try edit.summary.map(PostgresJSON.init)), summary),
                code = code || \(try PostgresJSON(edit.code))
            where \(scope)
            """)
        guard edit.isStart else { return }
        try await connection.query(
            """
            update runs set state = 'running', stop_requested = false, exit_code = null, message = null,
                finished_at = null, started_at = coalesce(started_at, now()), heartbeat_at = now(),
                attempt = greatest(attempt, 1)
            where \(scope)
            """)
    }
}

extension PostgresJSON {
    fileprivate init(_ members: [String: JSONValue]) throws { self.init(text: JSONValue.object(members).text) }
}
