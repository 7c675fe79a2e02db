import Experiment
package import FoundationEssentials
import Postgres

/// Merges small segments into full ones, run by run, in transactions that touch nothing that anybody writes.
///
/// Each merge replaces segments by others with the same rows in one transaction: a crash at any moment loses nothing,
/// and readers see the one or the other. Two compactors at once do no harm.
package struct Compactor: Sendable {
    /// What compaction has done.
    package struct Report: Sendable, Hashable {
        package var merges = 0
        package var segmentsBefore = 0
        package var segmentsAfter = 0
    }

    private let store: TrackerStore
    private let now: @Sendable () -> Date

    /// Seconds after its end in which a run may still get late records.
    private static let quietSeconds = 60.0
    /// Values that are merged at once, which bounds memory.
    private static let mergedValues = 4_000_000

    package init(store: TrackerStore, now: @escaping @Sendable () -> Date = { Date() }) {
        self.store = store
        self.now = now
    }

    /// Merges what is worth merging now, of all runs or one.
    package func compact(run: Int32? = nil) async throws -> Report {
        var report = Report()
        let rows = try await store.pool.query(
            """
            select distinct s.run, s.stream from segments s
            where not s.sealed and (\(run)::integer is null or s.run = \(run)) order by s.run, s.stream
            """)
        for row in rows {
            let (run, number) = try row.decode(as: Int32.self, Int.self)
            guard let stream = HistoryStream(rawValue: Int16(number)) else { continue }
            try Task.checkCancellation()
            try await compact(run, stream, &report)
        }
        return report
    }

    /// Gives the space of merged segments back for use; to be called after ``compact(run:)`` has merged much.
    package func vacuum() async throws {
        for table in ["segments", "segment_values", "series"] {
            try await store.pool.query("vacuum (analyze) \(unsafeSQL: table)")
        }
    }

    private func compact(_ run: Int32, _ stream: HistoryStream, _ report: inout Report) async throws {
        let rowLimit = try await rowLimit(run, stream)
        while let merge = try await nextMerge(run, stream, rowLimit: rowLimit) {
            guard let after = try await perform(merge, run, stream) else { return }
            report.merges += 1
            report.segmentsBefore += merge.firsts.count
            report.segmentsAfter += after
        }
    }

    private func rowLimit(_ run: Int32, _ stream: HistoryStream) async throws -> Int {
        let rows = try await store.pool.query(
            "select count(*) from series where run = \(run) and stream = \(stream.number)")
        let width = max(1, try rows.first?.decode(as: Int.self) ?? 1)
        return min(max(Compactor.mergedValues / width, SegmentEncoder.fullCount), 16 * SegmentEncoder.fullCount)
    }

    private func nextMerge(
        _ run: Int32, _ stream: HistoryStream, rowLimit: Int
    ) async throws -> CompactionPlan.Merge? {
        let rows = try await store.pool.query(
            """
            select s.attempt, s.first, s.count, s.sealed,
                s.attempt < r.attempt or (r.finished_at is not null and r.finished_at < \(quietSince))
            from segments s join runs r on r.number = s.run
            where s.run = \(run) and s.stream = \(stream.number) order by s.attempt, s.first
            """)
        var over: Set<Int32> = []
        let segments = try rows.map { row in
            let (attempt, first, count, isSealed, isOver) = try row.decode(
                as: Int32.self, Int64.self, Int.self, Bool.self, Bool.self)
            if isOver { over.insert(attempt) }
            return CompactionPlan.Segment(attempt: attempt, first: first, count: count, isSealed: isSealed)
        }
        return CompactionPlan.next(segments, rowLimit: rowLimit) { over.contains($0) }
    }

    private var quietSince: Date { now().addingTimeInterval(-Compactor.quietSeconds) }

    /// Answers how many segments there are instead; nil where another compactor is at work or the run is gone.
    private func perform(
        _ merge: CompactionPlan.Merge, _ run: Int32, _ stream: HistoryStream
    ) async throws -> Int? {
        try await store.pool.withTransaction { connection in
            let lock = try await connection.query(
                """
                select pg_try_advisory_xact_lock(\(Compactor.lock), \(run))
                    and exists (select from runs where number = \(run))
                """)
            guard let isOurs = try lock.first?.decode(as: Bool.self), isOurs else { return nil }
            let (table, metrics, found) = try await load(merge, run, stream, on: connection)
            guard found == merge.firsts.count else { return nil }
            let chosen: PostgresQuery =
                """
                run = \(run) and stream = \(stream.number) and attempt = \(merge.attempt)
                and first = any(\(merge.firsts))
                """
            try await connection.query("delete from segment_values where \(chosen)")
            try await connection.query("delete from segments where \(chosen)")
            var encoder = SegmentEncoder(run: run, stream: stream, attempt: merge.attempt)
            encoder.append(table, metrics: metrics, sealsRest: merge.isLast)
            try await connection.copy(encoder.segments, into: SegmentEncoder.segmentColumns)
            try await connection.copy(encoder.values, into: SegmentEncoder.valueColumns)
            return encoder.segments.rows
        }
    }

    /// Of the two numbers of an advisory lock the first, any; the second is the run.
    private static let lock: Int32 = 0x5a6b

    private func load(
        _ merge: CompactionPlan.Merge, _ run: Int32, _ stream: HistoryStream, on connection: PostgresConnection
    ) async throws -> (HistoryTable, metrics: [Int32], found: Int) {
        let frames = try await connection.query(
            """
            select \(SegmentFrame.columns) from segments s
            where s.run = \(run) and s.stream = \(stream.number) and s.attempt = \(merge.attempt)
                and s.first = any(\(merge.firsts)) and not s.sealed
            order by s.first
            """)
        var table = HistoryTable()
        // Where each segment's rows begin in the table.
        var starts: [Int64: Int] = [:]
        var counts: [Int64: Int] = [:]
        for row in frames {
            let frame = try SegmentFrame(
                try row.decode(
                    as: Int32.self, Int64.self, Int32.self, PackedArray<Int64>?.self, Int64.self, Int64?.self,
                    PackedArray<Int64>?.self, Int64.self, PackedArray<Int32>?.self, PackedArray<Int64>?.self))
            starts[frame.first] = table.count
            counts[frame.first] = frame.count
            for index in 0..<frame.count {
                table.append(sequence: frame.sequences[index], step: frame.steps[index], time: frame.times[index])
            }
        }
        let values = try await connection.query(
            """
            select v.metric, v.first, v.positions, v.singles, v.doubles from segment_values v
            where v.run = \(run) and v.stream = \(stream.number) and v.attempt = \(merge.attempt)
                and v.first = any(\(merge.firsts))
            order by v.metric, v.first
            """)
        var metrics: [Int32] = []
        for row in values {
            let (metric, first, positions, singles, doubles) = try row.decode(
                as: Int32.self, Int64.self, PackedArray<Int16>?.self, PackedArray<Float>?.self,
                PackedArray<Double>?.self)
            guard let start = starts[first], let count = counts[first] else { throw StoreError.damagedSegment }
            let column = try SegmentColumn(positions, singles, doubles, of: count)
            if metrics.last != metric {
                metrics.append(metric)
                _ = table.addColumn()
            }
            table.append(column, at: start)
        }
        return (table, metrics, frames.count)
    }
}
