package import Experiment
package import Postgres

extension TrackerStore {
    /// Writes rows of a run's attempt, within the transaction of `connection`; what is written is never checked for
    /// being there already, so the caller must know what it has committed.
    ///
    /// `run`: the run's number. Throws a ``StoreError`` for what can never be stored.
    package func write(
        _ batch: HistoryBatch, to run: Int32, stream: HistoryStream = .metrics, attempt: Int,
        on connection: PostgresConnection
    ) async throws {
        try HistoryLimits.check(batch)
        guard !batch.isEmpty else { return }
        let ids = try await metricIDs(batch.names, on: connection)
        let metrics = batch.names.map { ids[$0] ?? 0 }
        var encoder = SegmentEncoder(run: run, stream: stream, attempt: Int32(clamping: attempt))
        encoder.append(batch.table, metrics: metrics)
        try await connection.copy(encoder.segments, into: SegmentEncoder.segmentColumns)
        try await connection.copy(encoder.values, into: SegmentEncoder.valueColumns)
        try await connection.copy(
            try rowValues(of: batch, run, stream, attempt),
            into: "row_values (run, stream, attempt, sequence, step, time, data)")
        try await note(SeriesChange(batch.table, metrics: metrics), run, stream, attempt, on: connection)
    }

    /// Notes numbers that a run wrote to its summary itself, beside what it logged under the same names: these count as
    /// its last values from now on, until it logs one again.
    package func noteSummary(
        _ values: [String: JSONValue], of run: Int32, on connection: PostgresConnection
    ) async throws {
        let numbers = values.compactMapValues(\.number)
        guard !numbers.isEmpty else { return }
        try await connection.query(
            """
            update series s set summary = v.value
            from unnest(\(Array(numbers.keys)), \(Array(numbers.values))) v(name, value)
            join metrics m on m.name = v.name
            where s.run = \(run) and s.metric = m.id and s.stream = 0
            """)
    }

    private func rowValues(
        of batch: HistoryBatch, _ run: Int32, _ stream: HistoryStream, _ attempt: Int
    ) throws -> PostgresCopy {
        var copy = PostgresCopy()
        for (row, data) in batch.others {
            copy.beginRow(columns: 7)
            copy.append(run)
            copy.append(stream.rawValue)
            copy.append(Int32(clamping: attempt))
            copy.append(batch.table.sequences[row])
            copy.append(batch.table.steps[row])
            copy.append(microseconds: batch.table.times[row])
            copy.append(JSONValue.object(data).canonicalText)
        }
        return copy
    }

    private func note(
        _ change: SeriesChange, _ run: Int32, _ stream: HistoryStream, _ attempt: Int,
        on connection: PostgresConnection
    ) async throws {
        guard !change.metrics.isEmpty else { return }
        let inserted = try await connection.query(
            """
            insert into series as s (
                run, metric, stream, count, first_step, last, last_step, last_attempt, last_sequence, minimum, maximum,
                rising)
            select \(run), n.metric, \(stream.number), n.count, n.first_step, n.last, n.last_step,
                \(Int32(clamping: attempt)), n.last_sequence, n.minimum, n.maximum, n.rising
            from unnest(
                \(change.metrics), \(change.counts), \(change.firstSteps), \(change.lasts), \(change.lastSteps),
                \(change.lastSequences), \(change.minima), \(change.maxima), \(change.rising)
            ) n(metric, count, first_step, last, last_step, last_sequence, minimum, maximum, rising)
            order by n.metric
            on conflict (run, metric, stream) do update set
                count = s.count + excluded.count,
                minimum = least(s.minimum, excluded.minimum),
                maximum = greatest(s.maximum, excluded.maximum),
                rising = s.rising and excluded.rising and excluded.first_step > s.last_step
                    and excluded.last_attempt >= s.last_attempt,
                (first_step, last, last_step, last_attempt, last_sequence, summary) = (
                    select least(s.first_step, excluded.first_step), n.* from (
                        select excluded.last, excluded.last_step, excluded.last_attempt, excluded.last_sequence,
                            null::float8
                        where (excluded.last_attempt, excluded.last_sequence) > (s.last_attempt, s.last_sequence)
                        union all
                        select s.last, s.last_step, s.last_attempt, s.last_sequence, s.summary
                        where (excluded.last_attempt, excluded.last_sequence) <= (s.last_attempt, s.last_sequence)) n)
            returning xmax = 0
            """)
        // A row that is new has not been locked by anybody before.
        guard try inserted.contains(where: { try $0.decode(as: Bool.self) }) else { return }
        let known = try await connection.query("select count(*) from series where run = \(run)")
        guard let count = try known.first?.decode(as: Int.self), count > HistoryLimits.metricsPerRun else { return }
        throw StoreError(
            .tooLarge,
            "the run has \(count) different metrics, more than the \(HistoryLimits.metricsPerRun) that are kept; do "
                + "metric names contain numbers that belong in their values?")
    }

    /// Ids of metrics by name; makes those that are new.
    func metricIDs(_ names: [String], on connection: PostgresConnection) async throws -> [String: Int32] {
        guard !names.isEmpty else { return [:] }
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
}
