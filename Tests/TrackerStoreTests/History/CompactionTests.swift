import Experiment
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import TrackerStore

@Suite("Compaction", .timeLimit(.minutes(2)))
struct CompactionTests {
    private typealias Segment = CompactionPlan.Segment

    /// `text`: counts of segments, those with an s sealed; attempts separated by `|`.
    private func segments(_ text: String) -> [Segment] {
        text.split(separator: "|").enumerated().flatMap { attempt, part in
            var first: Int64 = 1
            return part.split(separator: " ").map { word in
                let count = Int(word.filter(\.isNumber)) ?? 0
                defer { first += Int64(count) }
                return Segment(
                    attempt: Int32(attempt + 1), first: first, count: count, isSealed: word.hasSuffix("s"))
            }
        }
    }

    static let plans: [(segments: String, over: [Int32], merged: [Int64]?, isLast: Bool)] = [
        ("", [], nil, false),
        ("992s 992s", [1], nil, false),
        // Too few to be worth it, until the run is over.
        ("10 10 10", [], nil, false),
        ("10 10 10", [1], [1, 11, 21], true),
        ("992s 10", [1], [993], true),
        ("500 500", [], [1, 501], false),
        // Nothing sealed is touched, nor merged across.
        ("10 992s 600 600", [], [1003, 1603], false),
        ("10 992s 600 600", [1], [1], true),
        ("10 10 | 10", [1], [1, 11], true),
        ("10 10 | 600 600", [], [1, 601], false),
        // At most 2,000 rows at once.
        ("900 900 900 900", [1], [1, 901, 1801], false),
    ]

    @Test("The plan merges neighbours that fill a segment, and everything of an attempt that is over", arguments: plans)
    func plan(text: String, over: [Int32], merged: [Int64]?, isLast: Bool) {
        let merge = CompactionPlan.next(segments(text), rowLimit: 2_000) { over.contains($0) }
        #expect(merge?.firsts == merged)
        #expect((merge?.isLast ?? false) == isLast)
    }

    @Test("Many small segments are merged although they fill none")
    func many() {
        let segments = (0..<64).map { Segment(attempt: 1, first: Int64($0), count: 1, isSealed: false) }
        #expect(CompactionPlan.next(segments, rowLimit: 2_000) { _ in false }?.firsts.count == 64)
        #expect(CompactionPlan.next(segments.dropLast(), rowLimit: 2_000) { _ in false } == nil)
    }

    @Test("Rows that come one by one become full segments while others are written, and nothing is lost or doubled")
    func concurrent() async throws {
        try await withScratchRun { store, pool, run in
            let total = 2_500
            let compactor = Compactor(store: store)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for start in stride(from: 0, to: total, by: 25) {
                        var batch = HistoryBatch()
                        for row in start..<start + 25 {
                            batch.append(sequence: Int64(row + 1), step: Int64(row), time: Int64(row) * 1_000)
                            batch.set("loss", 1 / Double(row + 1))
                        }
                        let rows = batch
                        try await pool.withTransaction {
                            // As ingest does: who compacts must not wait for this lock, nor hold it up.
                            try await $0.query("select from runs where number = \(run) for no key update")
                            try await store.write(rows, to: run, attempt: 1, on: $0)
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask { for _ in 0..<20 { _ = try await compactor.compact() } }
                }
                group.addTask {
                    for _ in 0..<20 {
                        let series = try await store.series(run: run, metric: "loss")
                        #expect(series.sequences == (0..<Int64(series.count)).map { $0 + 1 })
                    }
                }
                try await group.waitForAll()
            }
            _ = try await compactor.compact()
            let series = try await store.series(run: run, metric: "loss")
            #expect(series.values == (1...total).map { 1 / Double($0) })
            let full = try await pool.query("select count(*) from segments where count = 992 and sealed")
            #expect(try full.single(Int.self) == 2)
        }
    }

    @Test("A merge that is undone in the middle leaves everything as it was")
    func undone() async throws {
        try await withScratchRun { store, pool, run in
            for start in [0, 300] {
                var batch = HistoryBatch()
                for row in start..<start + 300 {
                    batch.append(sequence: Int64(row + 1), step: Int64(row), time: Int64(row))
                    batch.set("loss", Double(row))
                }
                try await pool.withTransaction { [batch] in
                    try await store.write(batch, to: run, attempt: 1, on: $0)
                }
            }
            try await pool.query("update runs set finished_at = now()")
            // The new segment cannot be written: what was deleted before must be there again.
            try await pool.query("alter table segments add constraint broken check (count < 400) not valid")
            await #expect(throws: PostgresError.self) {
                try await Compactor(store: store, now: { .distantFuture }).compact()
            }
            #expect(try await store.extent(run: run).rows == 600)
            #expect(try await store.series(run: run, metric: "loss").count == 600)
        }
    }
}
