package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Commits a batch of one attempt's records, those of it that are not committed yet, in one transaction.
    ///
    /// The first record ever of a run must be its start. A later attempt puts the run back to running; records of an
    /// older attempt that come late are kept, but change neither the run's state nor what later attempts said.
    package func ingest(run: RunID, _ request: IngestRequest) async throws -> IngestResponse {
        try IngestLimits.check(order: request)
        return try await commit(request, to: run)
    }

    package func ingest(run: RunID, _ log: IngestLog) async throws -> IngestResponse {
        try await commit(log, to: run)
    }

    private func commit(_ source: some IngestSource, to run: RunID) async throws -> IngestResponse {
        try IngestLimits.check(source)
        guard let range = source.range else {
            let known = try await pool.query("select number from runs where id = \(run.rawValue)").first
            let number = try known?.decode(as: Int32.self)
            return try await pool.withConnection { connection in
                IngestResponse(
                    acknowledged: try await acknowledged(number, attempt: source.attempt, on: connection))
            }
        }
        // Mostly nothing has been committed before: what must be prepared is, while no lock is held.
        let prepared = try source.change(after: range.lowerBound - 1)
        let (project, change, committed) = try await pool.withTransaction {
            connection -> (String, IngestChange, Int64) in
            let state = try await lock(run, startedBy: source, at: range.lowerBound, on: connection)
            let acknowledged = try await acknowledged(state.number, attempt: source.attempt, on: connection)
            guard range.upperBound > acknowledged else { return (state.project, IngestChange(), acknowledged) }
            guard range.lowerBound <= acknowledged + 1 else {
                throw gap(run, source.attempt, from: acknowledged + 1, to: range.lowerBound)
            }
            let change = range.lowerBound == acknowledged + 1 ? prepared : try source.change(after: acknowledged)
            try await write(change.history, to: state.number, attempt: source.attempt, on: connection)
            try await write(change.system, to: state.number, stream: .system, attempt: source.attempt, on: connection)
            for file in change.files { try await insert(file, state.number, source.attempt, on: connection) }
            try await update(state, with: change, attempt: source.attempt, on: connection)
            try await connection.query(
                """
                insert into attempts (run, attempt, acknowledged)
                values (\(state.number), \(Int32(source.attempt)), \(range.upperBound))
                on conflict (run, attempt) do update set acknowledged = excluded.acknowledged
                """)
            return (state.project, change, range.upperBound)
        }
        changes.publish(
            run: run, project: project, change.kinds, step: change.history.highestStep, points: change.history.points)
        return IngestResponse(acknowledged: committed)
    }

    /// What ingest must know of a run.
    private struct LockedRun: Sendable {
        let number: Int32
        let project: String
        /// The latest attempt so far.
        let attempt: Int
    }

    /// Locks the run's row, so that batches of a run follow one another; compaction does not wait for it.
    private func lock(_ run: RunID, on connection: PostgresConnection) async throws -> LockedRun? {
        let rows = try await connection.query(
            "select number, project, attempt from runs where id = \(run.rawValue) for no key update")
        return try rows.first.map { row in
            let (number, project, attempt) = try row.decode(as: Int32.self, String.self, Int.self)
            return LockedRun(number: number, project: project, attempt: attempt)
        }
    }

    private func acknowledged(
        _ run: Int32?, attempt: Int, on connection: PostgresConnection
    ) async throws -> Int64 {
        guard let run else { return 0 }
        let rows = try await connection.query(
            "select acknowledged from attempts where run = \(run) and attempt = \(Int32(attempt))")
        return try rows.first?.decode(as: Int64.self) ?? 0
    }

    private func gap(_ run: RunID, _ attempt: Int, from expected: Int64, to found: Int64) -> StoreError {
        StoreError(
            .sequenceGap,
            "records \(expected) to \(found - 1) of run \(run), attempt \(attempt), are missing; send them first",
            expected: expected)
    }

    /// Locks the run, which its start makes where it is not known.
    private func lock(
        _ run: RunID, startedBy source: some IngestSource, at first: Int64, on connection: PostgresConnection
    ) async throws -> LockedRun {
        if let known = try await lock(run, on: connection) { return known }
        guard first == 1 else { throw gap(run, source.attempt, from: 1, to: first) }
        guard let start = source.opening else {
            throw StoreError(.unknownRun, "run \(run) is not known; its first record must be its start")
        }
        // Whoever else inserts it at the same time commits first or waits for us.
        try await connection.query(
            """
            insert into runs (id, handle, project) values (\(run.rawValue), \(run.rawValue), \(start.project))
            on conflict do nothing
            """)
        guard let made = try await lock(run, on: connection) else {
            throw StoreError(.unknownRun, "run \(run) has just been deleted; start it again")
        }
        return made
    }

    private func update(
        _ run: LockedRun, with change: IngestChange, attempt: Int, on connection: PostgresConnection
    ) async throws {
        let summary = try PostgresJSON(change.summary)
        guard attempt >= run.attempt else {
            // Late words of an older attempt: only what no later one has said.
            try await connection.query("update runs set summary = \(summary) || summary where number = \(run.number)")
            return
        }
        if attempt > run.attempt {
            try await connection.query(
                """
                update runs set attempt = \(Int32(attempt)), state = 'running', exit_code = null, message = null,
                    finished_at = null
                where number = \(run.number)
                """)
        }
        if let start = change.start { try await apply(start, to: run.number, on: connection) }
        if !change.summary.isEmpty {
            try await connection.query("update runs set summary = summary || \(summary) where number = \(run.number)")
            try await noteSummary(
                change.summary.filter { change.written.contains($0.key) }, of: run.number, on: connection)
        }
        if let finish = change.finish {
            try await connection.query(
                """
                update runs set state = \(finish.state.rawValue), exit_code = \(finish.exitCode),
                    message = \(finish.message), finished_at = \(finish.time)
                where number = \(run.number)
                """)
        }
    }

    /// A start's config replaces key by key, so that nothing that an earlier attempt ran with is forgotten.
    private func apply(_ start: RunStart, to run: Int32, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            update runs set name = coalesce(\(start.name), name), group_name = coalesce(\(start.group), group_name),
                sweep = coalesce(\(start.sweep), sweep), job_type = coalesce(\(start.jobType), job_type),
                config = config || \(try PostgresJSON(start.config)), host = \(start.host),
                tags = \(start.tags), started_at = coalesce(started_at, \(start.time))
            where number = \(run)
            """)
    }
}
