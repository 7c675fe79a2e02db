import Experiment
import FoundationEssentials
import Postgres
import TestSupport
import Testing
import TrackerStore

@Suite("Rows, curves and what is known without reading", .timeLimit(.minutes(1)))
struct RowsTests {
    private func write(
        _ steps: [Int64], attempt: Int, from sequence: Int64 = 1, of run: Int32, _ pool: PostgresPool,
        _ store: TrackerStore, values: (Int64) -> Double
    ) async throws {
        var batch = HistoryBatch()
        for (index, step) in steps.enumerated() {
            batch.append(sequence: sequence + Int64(index), step: step, time: step * 1_000_000)
            batch.set("loss", values(step))
            if step % 2 == 0 { batch.set("even", other: .string("\(attempt)")) }
        }
        try await pool.withTransaction { [batch] in
            try await store.write(batch, to: run, attempt: attempt, on: $0)
        }
    }

    @Test("F6: steps that go back are kept; the later attempt's value counts at the same step")
    func stepsGoBack() async throws {
        try await withScratchRun { store, pool, run in
            try await write(Array(0..<50), attempt: 1, of: run, pool, store) { Double($0) }
            // A restart from a checkpoint, and an evaluator that logs step 20 after step 50.
            try await write(Array(40..<60) + [20], attempt: 2, of: run, pool, store) { 100 + Double($0) }
            let series = try await store.series(run: run, metric: "loss")
            let logged: [Int64] = Array(0..<50) + Array(40..<60) + [20]
            #expect(series.steps == logged)
            let curve = series.latest
            #expect(curve.steps == Array(0..<60))
            let expected = (0..<60).map { (step: Int) -> Double in
                step >= 40 || step == 20 ? Double(100 + step) : Double(step)
            }
            #expect(curve.values == expected)
            let rows = try await store.rows(run: run, limit: 1_000)
            #expect(rows.map(\.step) == Array(0..<60))
            #expect(rows.map { $0.numbers["loss"] } == curve.values)
            #expect(rows[20].others == ["even": .string("2")])
            #expect(rows[21].others.isEmpty)
        }
    }

    static let pages: [(from: Int64, to: Int64?, limit: Int, steps: [Int64])] = [
        (.min, nil, 3, [0, 1, 2]), (10, 13, 100, [10, 11, 12]), (2_990, nil, 100, Array(2_990..<3_000)),
        (5, 5, 10, []), (0, nil, 0, []), (990, nil, 5, [990, 991, 992, 993, 994]), (.max, nil, 5, []),
    ]

    @Test("Pages of rows", arguments: pages)
    func paging(from: Int64, to: Int64?, limit: Int, steps: [Int64]) async throws {
        try await withScratchRun { store, pool, run in
            try await write(Array(0..<3_000), attempt: 1, of: run, pool, store) { Double($0) }
            let rows = try await store.rows(run: run, fromStep: from, toStep: to, limit: limit)
            #expect(rows.map(\.step) == steps)
            #expect(rows.allSatisfy { $0.numbers["loss"] == Double($0.step) && $0.time == $0.step * 1_000_000 })
        }
    }

    @Test("Rows of some names only, samples of them, the last row and the extent")
    func samples() async throws {
        try await withScratchRun { store, pool, run in
            #expect(try await store.lastRow(run: run) == nil)
            #expect(try await store.extent(run: run) == HistoryExtent(rows: 0, lastStep: nil, lastTime: nil))
            try await write(Array(0..<1_001), attempt: 1, of: run, pool, store) { Double($0) }
            let even = try await store.rows(run: run, names: ["even"], limit: 3)
            #expect(even.map(\.step) == [0, 2, 4] && even.allSatisfy(\.numbers.isEmpty))
            let both = try await store.sampledRows(run: run, names: ["even", "loss"], samples: 6)
            #expect(both.map(\.step) == [0, 200, 400, 600, 800, 1_000])
            #expect(try await store.lastRow(run: run)?.numbers == ["loss": 1_000])
            let extent = try await store.extent(run: run)
            #expect((extent.rows, extent.lastStep, extent.lastTime) == (1_001, 1_000, 1_000_000_000))
        }
    }

    @Test("F17: a clock that steps back changes no order, and every time is kept")
    func clockStepsBack() async throws {
        try await withScratchRun { store, pool, run in
            var batch = HistoryBatch()
            let times: [Int64] = [3_600_000_000, 3_601_000_000, 1_000_000, 2_000_000, 7_200_000_000]
            for (index, time) in times.enumerated() {
                batch.append(sequence: Int64(index + 1), step: Int64(index), time: time)
                batch.set("loss", Double(index))
            }
            try await pool.withTransaction { [batch] in try await store.write(batch, to: run, attempt: 1, on: $0) }
            let series = try await store.series(run: run, metric: "loss")
            #expect(series.times == times && series.values == [0, 1, 2, 3, 4] && series.steps == [0, 1, 2, 3, 4])
        }
    }

    @Test("What is known of a metric is what its history says, whatever order attempts come in")
    func summaries() async throws {
        try await withScratchRun { store, pool, run in
            try await write([0, 1, 2], attempt: 2, of: run, pool, store) { $0 == 1 ? .nan : Double($0) }
            // Late words of an older attempt.
            try await write([5, 6], attempt: 1, of: run, pool, store) { -Double($0) }
            let summary = try #require(try await store.seriesSummaries(run: run).first)
            #expect((summary.name, summary.count, summary.last, summary.lastStep) == ("loss", 5, 2, 2))
            #expect((summary.minimum, summary.maximum) == (-6, 2))
        }
    }

    @Test("What can never be stored is refused in words, and nothing of it is kept")
    func refused() async throws {
        try await withScratchRun { store, pool, run in
            let cases: [(String, Int64, [Int64])] = [
                (String(repeating: "x", count: 513), 0, [1]), ("a\0b", 0, [1]), ("", 0, [1]), ("time", .max, [1]),
                ("order", 0, [2, 2]),
            ]
            for (name, time, sequences) in cases {
                var batch = HistoryBatch()
                for sequence in sequences {
                    batch.append(sequence: sequence, step: 0, time: time)
                    batch.set(name, 1)
                }
                let rows = batch
                let error = await #expect(throws: StoreError.self) {
                    try await pool.withTransaction { try await store.write(rows, to: run, attempt: 1, on: $0) }
                }
                #expect(error?.kind == .invalidRecord, "\(name.prefix(10))")
            }
            let extent = try await store.extent(run: run)
            #expect(extent.rows == 0)
        }
    }

    @Test("A run with too many different metrics is refused in words")
    func tooManyMetrics() async throws {
        try await withScratchRun { store, pool, run in
            try await pool.query(
                """
                insert into series (run, metric, stream, count, first_step, last, last_step, last_attempt,
                    last_sequence, rising)
                select \(run), 1000 + n, 0, 1, 0, 0, 0, 1, 0, true from generate_series(1, 100000) n
                """)
            let error = await #expect(throws: StoreError.self) {
                try await write([1], attempt: 1, of: run, pool, store) { Double($0) }
            }
            #expect(error?.kind == .tooLarge)
            let extent = try await store.extent(run: run)
            #expect(extent.rows == 0)
        }
    }

    @Test("F15: a run of a hundred thousand points goes as a whole while another is read")
    func delete() async throws {
        try await withScratchRun { store, pool, run in
            for part in 0..<4 {
                try await write(
                    Array(Int64(part * 25_000)..<Int64((part + 1) * 25_000)), attempt: 1,
                    from: Int64(part * 25_000 + 1), of: run, pool, store, values: Double.init)
            }
            let other = try #require(RunID(rawValue: "other"))
            _ = try await store.ingest(run: other, batch(1, start(), row(0, ["loss": 1])))
            try await withThrowingTaskGroup { group in
                group.addTask {
                    let run = try #require(RunID(rawValue: "r"))
                    let deleted = try await store.deleteRuns([run, run])
                    #expect(deleted == [run])
                }
                group.addTask {
                    for _ in 0..<20 {
                        let points = try await store.history(run: other)
                        #expect(points.count == 1)
                    }
                }
                try await group.waitForAll()
            }
            for table in ["segments", "segment_values", "series", "row_values"] {
                let rows = try await pool.query("select count(*) from \(unsafeSQL: table) where run = \(run)")
                #expect(try rows.single(Int.self) == 0, "\(table)")
            }
            #expect(try await store.history(run: other).count == 1)
        }
    }
}
