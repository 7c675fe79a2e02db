import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// The run that scripts of a project call `handle`.
    package func clientRun(project: String, handle: String) async throws -> ClientRun? {
        try await clientRuns(where: "project = \(project) and handle = \(handle)").first
    }

    package func clientRun(id: String) async throws -> ClientRun? {
        try await clientRuns(where: "id = \(id)").first
    }

    /// Runs by their keys in the table `runs`, in the order given; those that have just been deleted are missing.
    package func clientRuns(numbers: [Int32]) async throws -> [ClientRun] {
        let runs = try await clientRuns(where: "number = any(\(numbers))")
        let places = Dictionary(uniqueKeysWithValues: runs.map { ($0.number, $0) })
        return numbers.compactMap { places[$0] }
    }

    /// Runs of a sweep, oldest first.
    package func clientRuns(sweep: String) async throws -> [ClientRun] {
        try await clientRuns(where: "sweep = \(sweep)").sorted { $0.number < $1.number }
    }

    private func clientRuns(where condition: PostgresQuery) async throws -> [ClientRun] {
        let rows = try await pool.query(
            """
            select number, id, handle, project, name, group_name, sweep, job_type, state, config, client_config,
                summary, code, tags, notes, description, host, program, username, attempt, stop_requested, created_at,
                started_at, finished_at, heartbeat_at
            from runs where \(condition)
            """)
        return try rows.map { row in
            let (
                number, id, handle, project, name, group, sweep, jobType, state, config, clientConfig, summary, code,
                tags, notes, details, host, program, username, attempt, isStopRequested, created, started, finished,
                heartbeat
            ) = try row.decode(
                as: Int32.self, String.self, String.self, String.self, String?.self, String?.self, String?.self,
                String?.self, String.self, PostgresJSON.self, PostgresJSON.self, PostgresJSON.self, PostgresJSON.self,
                [String].self, String?.self, String?.self, String?.self, String?.self, String?.self, Int.self,
                Bool.self, Date.self, Date?.self, Date?.self, Date?.self)
            return ClientRun(
                number: number, id: try runID(id), handle: handle, project: project, name: name, group: group,
                sweep: sweep, jobType: jobType, state: RunState(rawValue: state) ?? .crashed,
                config: StoredJSON(text: config.text), clientConfig: StoredJSON(text: clientConfig.text),
                summary: StoredJSON(text: summary.text), code: StoredJSON(text: code.text), tags: tags, notes: notes,
                details: details, host: host, program: program, username: username, attempt: attempt,
                isStopRequested: isStopRequested, created: created, started: started, finished: finished,
                heartbeat: heartbeat)
        }
    }
}
