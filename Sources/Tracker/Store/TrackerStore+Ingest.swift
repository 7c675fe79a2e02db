package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Commits a batch of one attempt's records, those of it that are not committed yet, in one transaction.
    ///
    /// The first record ever of a run must be its start. A later attempt puts the run back to running; records of an
    /// older attempt that come late are kept, but change neither the run's state nor what later attempts said.
    package func ingest(run: RunID, _ request: IngestRequest) async throws -> IngestResponse {
        try IngestLimits.check(request)
        return try await pool.withTransaction { connection in
            guard let first = request.records.first else {
                let known = try await lock(run, on: connection)
                return IngestResponse(
                    acknowledged: try await acknowledged(known?.number, attempt: request.attempt, on: connection))
            }
            let state = try await lock(run, startedBy: first, attempt: request.attempt, on: connection)
            let acknowledged = try await acknowledged(state.number, attempt: request.attempt, on: connection)
            let fresh = request.records.drop { $0.sequence <= acknowledged }
            guard let next = fresh.first, let last = fresh.last else {
                return IngestResponse(acknowledged: acknowledged)
            }
            guard next.sequence == acknowledged + 1 else {
                throw gap(run, request.attempt, from: acknowledged + 1, to: next.sequence)
            }
            let change = IngestChange(fresh)
            try await insertPoints(of: change, state.number, request.attempt, on: connection)
            for file in change.files { try await insert(file, state.number, request.attempt, on: connection) }
            try await update(state, with: change, attempt: request.attempt, on: connection)
            try await connection.query(
                """
                insert into attempts (run, attempt, acknowledged)
                values (\(state.number), \(Int32(request.attempt)), \(last.sequence))
                on conflict (run, attempt) do update set acknowledged = excluded.acknowledged
                """)
            return IngestResponse(acknowledged: last.sequence)
        }
    }

    /// What ingest must know of a run.
    private struct LockedRun: Sendable {
        let number: Int32
        /// The latest attempt so far.
        let attempt: Int
    }

    /// Locks the run's row, so that batches of a run follow one another.
    private func lock(_ run: RunID, on connection: PostgresConnection) async throws -> LockedRun? {
        let rows = try await connection.query(
            "select number, attempt from runs where id = \(run.rawValue) for update")
        return try rows.first.map { row in
            let (number, attempt) = try row.decode(as: Int32.self, Int.self)
            return LockedRun(number: number, attempt: attempt)
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
        _ run: RunID, startedBy first: SequencedRecord, attempt: Int, on connection: PostgresConnection
    ) async throws -> LockedRun {
        if let known = try await lock(run, on: connection) { return known }
        guard first.sequence == 1 else { throw gap(run, attempt, from: 1, to: first.sequence) }
        guard case .start(let start) = first.record else {
            throw StoreError(
                .unknownRun, "run \(run) is not known; its first record must be its start")

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

    private func insertPoints(
        of change: IngestChange, _ run: Int32, _ attempt: Int, on connection: PostgresConnection
    ) async throws {
        guard !change.values.isEmpty else { return }
        let ids = try await metricIDs(change.metricNames, on: connection)
        let metrics = change.nameIndex.map { ids[change.metricNames[$0]] }
        try await connection.query(
            """
            insert into points (run, attempt, metric, sequence, step, time, value)
            select \(run), \(Int32(attempt)), p.* from unnest(
                \(metrics), \(change.sequences), \(change.steps), \(change.times), \(change.values)) p
            """)
    }

    private func metricIDs(_ names: [String], on connection: PostgresConnection) async throws -> [String: Int32] {
        func known() async throws -> [String: Int32] {
            let rows = try await connection.query("select name, id from metrics where name = any(\(names))")
            return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(as: String.self, Int32.self) })
        }
        let ids = try await known()
        // Sorted, so that two batches with the same new names wait for one another and do not deadlock.
        let missing = names.filter { ids[$0] == nil }.sorted()
        guard !missing.isEmpty else { return ids }
        try await connection.query(
            "insert into metrics (name) select unnest(\(missing)) on conflict (name) do nothing")
        return try await known()
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
