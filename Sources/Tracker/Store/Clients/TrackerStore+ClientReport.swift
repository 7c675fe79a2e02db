import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Commits a client's report in one transaction; the run is made where it is not known. True: the client shall
    /// stop.
    ///
    /// The same report may come any number of times. Rows that are stored already are recognised by line, step and
    /// time; other rows at lines that are taken begin a new attempt, so that nothing is overwritten.
    package func record(_ report: ClientReport, project: String, handle: String) async throws -> Bool {
        let (run, isStopRequested, points) = try await pool.withTransaction { connection in
            let run = try await lockClientRun(project: project, handle: handle, on: connection)
            var points = 0
            if let rows = report.history {
                points = try await record(rows, of: run, .metrics, on: connection)
            }
            if let rows = report.system {
                _ = try await record(rows, of: run, .system, on: connection)
            }
            if let summary = report.summary {
                try IngestLimits.check(summary, "the summary")
                try await connection.query(
                    """
                    update runs set summary = \(PostgresJSON(text: JSONValue.object(summary).text))
                    where number = \(run.number)
                    """)
                try await noteSummary(summary, of: run.number, on: connection)
            }
            try await record(report.console, of: run.number, on: connection)
            try await noteLife(of: run, report, on: connection)
            return (run.id, run.isStopRequested, points)
        }
        var kinds: Set<RunChange.Kind> = report.isComplete ? [.state] : []
        if points > 0 { kinds.insert(.points) }
        if report.summary != nil { kinds.insert(.summary) }
        if !report.console.isEmpty { kinds.insert(.console) }
        changes.publish(
            run: run, project: project, kinds, step: report.history?.rows.map(\.step).max(), points: points)
        return isStopRequested
    }

    private struct LockedClientRun: Sendable {
        let id: RunID
        let number: Int32
        let attempt: Int
        let isStopRequested: Bool
    }

    private func lockClientRun(
        project: String, handle: String, on connection: PostgresConnection
    ) async throws -> LockedClientRun {
        func known() async throws -> LockedClientRun? {
            let rows = try await connection.query(
                """
                select id, number, attempt, stop_requested from runs
                where project = \(project) and handle = \(handle) for no key update
                """)
            return try rows.first.map { row in
                let (id, number, attempt, isStopRequested) = try row.decode(
                    as: String.self, Int32.self, Int.self, Bool.self)
                return LockedClientRun(
                    id: try runID(id), number: number, attempt: attempt, isStopRequested: isStopRequested)
            }
        }
        if let run = try await known() { return run }
        _ = try await insertRun(project: project, handle: handle, on: connection)
        guard let run = try await known() else {
            throw StoreError(.unknownRun, "run \(handle) has just been deleted; start it again")
        }
        return run
    }

    private func noteLife(
        of run: LockedClientRun, _ report: ClientReport, on connection: PostgresConnection
    ) async throws {
        guard report.isComplete else {
            try await connection.query(
                """
                update runs set heartbeat_at = now(),
                    state = case when state in ('pending', 'crashed') then 'running' else state end,
                    finished_at = case when state = 'crashed' then null else finished_at end,
                    started_at = coalesce(started_at, now()),
                    message = case when \(report.isPreempting) then 'its machine is about to be taken away'
                        when state = 'crashed' then null else message end
                where number = \(run.number)
                """)
            return
        }
        let exitCode = report.exitCode ?? 0
        let state: RunState = exitCode == 0 ? .finished : run.isStopRequested ? .killed : .failed
        try await connection.query(
            """
            update runs set heartbeat_at = now(), state = \(state.rawValue), exit_code = \(exitCode), message = null,
                finished_at = case when state = \(state.rawValue) then coalesce(finished_at, now()) else now() end,
                started_at = coalesce(started_at, now())
            where number = \(run.number)
            """)
    }

    // MARK: Rows

    /// The number of values that were new.
    private func record(
        _ new: ClientRows, of run: LockedClientRun, _ stream: HistoryStream, on connection: PostgresConnection
    ) async throws -> Int {
        guard !new.rows.isEmpty else { return 0 }
        var place = try await linePlace(of: run, stream, on: connection)
        var wanted = Array(new.rows.enumerated())
        if new.offset < place.lines {
            let stored = try await storedRows(
                of: run.number, stream, place.attempt, new.offset..<new.offset + Int64(new.rows.count), on: connection)
            if wanted.contains(where: { index, row in stored[new.offset + Int64(index)]?.isOther(than: row) == true }) {
                place = LinePlace(attempt: max(place.attempt, run.attempt) + 1, lines: 0)
            } else {
                wanted.removeAll { stored[new.offset + Int64($0.offset)] != nil }
            }
        }
        var batch = HistoryBatch()
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        for (index, row) in wanted {
            batch.append(sequence: new.offset + Int64(index) + 1, step: row.step, time: row.time ?? now)
            for (name, value) in row.values { batch.set(name, value) }
            for (name, value) in row.others { batch.set(name, other: value) }
        }
        try await write(batch, to: run.number, stream: stream, attempt: place.attempt, on: connection)
        let lines = max(place.lines, new.offset + Int64(new.rows.count))
        try await connection.query(
            """
            insert into line_counts (run, stream, attempt, lines)
            values (\(run.number), \(Int32(stream.rawValue)), \(Int32(place.attempt)), \(lines))
            on conflict (run, stream) do update set attempt = excluded.attempt, lines = excluded.lines
            """)
        if stream == .metrics {
            let attempt = Int32(place.attempt)
            try await connection.query(
                "update runs set attempt = \(attempt) where number = \(run.number) and attempt < \(attempt)")
        }
        return batch.points
    }

    /// Where a client's next lines go.
    private struct LinePlace: Sendable {
        var attempt: Int
        var lines: Int64
    }

    private func linePlace(
        of run: LockedClientRun, _ stream: HistoryStream, on connection: PostgresConnection
    ) async throws -> LinePlace {
        let rows = try await connection.query(
            """
            select attempt, lines from line_counts where run = \(run.number) and stream = \(Int32(stream.rawValue))
            """)
        guard let row = rows.first else {
            // What another kind of client has logged for this run stays apart.
            let taken = try await connection.query(
                "select max(attempt) from segments where run = \(run.number) and stream = \(Int32(stream.rawValue))")
            let last = try taken.first?.decode(as: Int?.self)
            return LinePlace(attempt: last.flatMap { $0 }.map { $0 + 1 } ?? max(run.attempt, 1), lines: 0)
        }
        let (attempt, lines) = try row.decode(as: Int.self, Int64.self)
        return LinePlace(attempt: attempt, lines: lines)
    }

    private struct StoredRow: Sendable {
        var step: Int64
        var time: Int64

        func isOther(than row: ClientRows.Row) -> Bool { step != row.step || (row.time.map { $0 != time } ?? false) }
    }

    /// By line, those of `lines` that are stored.
    private func storedRows(
        of run: Int32, _ stream: HistoryStream, _ attempt: Int, _ lines: Range<Int64>,
        on connection: PostgresConnection
    ) async throws -> [Int64: StoredRow] {
        let rows = try await connection.query(
            """
            select sequence - 1, step, time from (
                select coalesce(u.sequence, s.first + u.number - 1) as sequence,
                    coalesce(u.step, s.step + s.stride * (u.number - 1)) as step,
                    (extract(epoch from s.time) * 1000000)::bigint + coalesce(u.short_time, u.long_time) as time
                from segments s
                cross join lateral unnest(s.sequences, s.steps, s.times, s.long_times) with ordinality
                    as u(sequence, step, short_time, long_time, number)
                where s.run = \(run) and s.stream = \(Int32(stream.rawValue)) and s.attempt = \(Int32(attempt))
                    and s.first <= \(lines.upperBound)) r
            where sequence > \(lines.lowerBound) and sequence <= \(lines.upperBound)
            """)
        return Dictionary(
            try rows.map { row in
                let (line, step, time) = try row.decode(as: Int64.self, Int64.self, Int64.self)
                return (line, StoredRow(step: step, time: time))
            }, uniquingKeysWith: { $1 })
    }
}
