import Experiment
import FoundationEssentials
import Postgres
import Synchronization
import TestSupport
import Testing
import TrackerStore

/// What goes in comes out, bit for bit, on every way out.
@Suite("S15: exact round trip", .timeLimit(.minutes(2)))
struct RoundTripTests {
    @Test(
        "S15: every number, step and time comes back exactly, before and after compaction, and through SQL",
        arguments: [1, 2, 3] as [UInt64])
    func exact(seed: UInt64) async throws {
        try await withScratchRun { store, pool, run in
            var history = RandomHistory(seed: seed)
            history.append(700, attempt: 1, from: 1)
            history.append(1_500, attempt: 2, from: 1)
            let rows = history.rows
            // In pieces, as they come from a client, and one larger than a segment.
            var start = 0
            for size in [1, 1, 2, 40, 300, 356, 1_100, 100, 300] {
                let part = rows[start..<start + size]
                try await write(part, to: run, of: pool, store)
                start += size
            }
            try await expectEqual(store, pool, run, rows)
            let before = try await segmentCount(pool)
            try await pool.query("update runs set finished_at = now()")
            let report = try await Compactor(store: store, now: { .distantFuture }).compact()
            #expect(report.segmentsAfter < report.segmentsBefore)
            #expect(try await segmentCount(pool) < before)
            try await expectEqual(store, pool, run, rows)
            #expect(try await Compactor(store: store, now: { .distantFuture }).compact().merges == 0)
        }
    }

    private func write(
        _ rows: ArraySlice<HistoryRow>, to run: Int32, of pool: PostgresPool, _ store: TrackerStore
    ) async throws {
        for attempt in Set(rows.map(\.attempt)).sorted() {
            let batch = RandomHistory.batch(rows.filter { $0.attempt == attempt }[...])
            try await pool.withTransaction {
                try await store.write(batch, to: run, attempt: attempt, on: $0)
            }
        }
    }

    private func expectEqual(
        _ store: TrackerStore, _ pool: PostgresPool, _ run: Int32, _ rows: [HistoryRow]
    ) async throws {
        // Rows, by blocks.
        let read = Mutex<[HistoryRow]>([])
        try await store.readHistory(run: run) { block in read.withLock { $0 += block.rows } }
        let found = read.withLock { $0 }
        #expect(found.count == rows.count)
        for (left, right) in zip(found, rows) where ExactRow(left) != ExactRow(right) {
            Issue.record("\(left) is not \(right)")
            return
        }
        // Columns.
        for metric in ["loss", "single", "ä \"'; --"] {
            let series = try await store.series(run: run, metric: metric)
            let expected = rows.filter { $0.numbers[metric] != nil }
            #expect(series.values.map(\.bitPattern) == expected.compactMap { $0.numbers[metric]?.bitPattern })
            #expect(series.steps == expected.map(\.step))
            #expect(series.times == expected.map(\.time))
            #expect(series.sequences == expected.map(\.sequence))
            #expect(series.attempts.map(Int.init) == expected.map(\.attempt))
        }
        // SQL.
        let points = try await pool.query(
            """
            select metric, attempt, sequence, step, (extract(epoch from time) * 1000000)::bigint, value
            from history where run = 'r' order by attempt, sequence, metric collate "C"
            """)
        let expected = rows.flatMap { row in
            row.numbers.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { (row, $0.key, $0.value) }
        }
        #expect(points.count == expected.count)
        for (point, (row, name, value)) in zip(points, expected) {
            let found = try point.decode(as: String.self, Int.self, Int64.self, Int64.self, Int64.self, Double.self)
            guard
                found.0 == name, found.1 == row.attempt, found.2 == row.sequence, found.3 == row.step,
                found.4 == row.time, found.5.bitPattern == value.bitPattern
            else {
                Issue.record("\(found) is not \(name) = \(value) of \(row)")
                return
            }
        }
        let others = try await pool.query("select count(*) from logged_values where run = 'r'")
        #expect(try others.single(Int.self) == rows.map(\.others.count).reduce(0, +))
    }

    @Test("System metrics have a history of their own")
    func system() async throws {
        try await withScratchRun { store, pool, run in
            var batch = HistoryBatch()
            for sequence in 1...5 {
                batch.append(sequence: Int64(sequence), step: 0, time: Int64(sequence) * 1_000_000)
                batch.set("cpu", Double(sequence))
            }
            try await pool.withTransaction { [batch] in
                try await store.write(batch, to: run, stream: .system, attempt: 1, on: $0)
            }
            #expect(try await store.series(run: run, metric: "cpu").count == 0)
            #expect(try await store.series(run: run, metric: "cpu", stream: .system).values == [1, 2, 3, 4, 5])
            let rows = try await pool.query("select sum(value) from system_metrics where metric = 'cpu'")
            #expect(try rows.single(Double.self) == 15)
            #expect(try await store.seriesSummaries(run: run).isEmpty)
        }
    }

    private func segmentCount(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("select count(*) from segments").single(Int.self) ?? 0
    }
}

/// A store with one run, 'r', and the pool and the run's number for statements of the tests' own.
func withScratchRun(_ body: @Sendable (TrackerStore, PostgresPool, Int32) async throws -> Void) async throws {
    try await withScratchDatabase { address in
        let pool = PostgresPool(address: address)
        do {
            let rows = try await pool.query(
                "insert into runs (id, handle, project) values ('r', 'r', 'p') returning number")
            try await body(TrackerStore(pool: pool), pool, try rows.single(Int32.self) ?? 0)
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension PostgresRows {
    /// The one value of the first row.
    func single<Value: PostgresDecodable>(_: Value.Type) throws -> Value? {
        guard let row = first else { return nil }
        return try row.decode(as: Value.self)
    }
}
