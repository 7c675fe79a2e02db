import Experiment
import FoundationEssentials
import Postgres

/// A segment as its list shows it.
struct SegmentHead: Sendable {
    let attempt: Int32
    let first: Int64
    let count: Int
    let lowest: Int64
    let highest: Int64
}

extension TrackerStore {
    /// Rows times metrics that are held in memory at once.
    private static let blockValues = 1_000_000

    /// Gives a run's whole history to `body`, block by block, by attempt and sequence.
    ///
    /// What `body` gets is one state of the run, whatever is written or merged meanwhile; memory stays bounded.
    /// `metrics`: nil for all, and for what is no number.
    package func readHistory(
        run: Int32, stream: HistoryStream = .metrics, metrics: [String]? = nil,
        _ body: @Sendable (HistoryBlock) async throws -> Void
    ) async throws {
        try await withSnapshot { connection in
            let heads = try await heads(run, stream, on: connection)
            let width = try await width(run, stream, metrics, on: connection)
            let size = max(1, TrackerStore.blockValues / (SegmentEncoder.fullCount * width))
            for start in stride(from: 0, to: heads.count, by: size) {
                let part = heads[start..<min(start + size, heads.count)]
                for block in try await blocks(part, run, stream, metrics, on: connection) { try await body(block) }
            }
        }
    }

    /// Runs `body` in a transaction that sees one state of the database.
    func withSnapshot<Result: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await pool.withTransaction { connection in
            try await connection.execute(unsafeSQL: "set transaction isolation level repeatable read, read only")
            return try await body(connection)
        }
    }

    /// A run's segments that have steps in a range, by attempt and sequence.
    func heads(
        _ run: Int32, _ stream: HistoryStream, fromStep: Int64 = .min, throughStep: Int64 = .max,
        on connection: PostgresConnection
    ) async throws -> [SegmentHead] {
        let rows = try await connection.query(
            """
            select attempt, first, count, lowest, highest from segments
            where run = \(run) and stream = \(stream.number) and highest >= \(fromStep) and lowest <= \(throughStep)
            order by attempt, first
            """)
        return try rows.map { row in
            let (attempt, first, count, lowest, highest) = try row.decode(
                as: Int32.self, Int64.self, Int.self, Int64.self, Int64.self)
            return SegmentHead(attempt: attempt, first: first, count: count, lowest: lowest, highest: highest)
        }
    }

    /// Metrics that a block of the run may have.
    private func width(
        _ run: Int32, _ stream: HistoryStream, _ metrics: [String]?, on connection: PostgresConnection
    ) async throws -> Int {
        if let metrics { return max(1, metrics.count) }
        let rows = try await connection.query(
            "select count(*) from series where run = \(run) and stream = \(stream.number)")
        return max(1, try rows.first?.decode(as: Int.self) ?? 1)
    }

    /// The segments' rows, in the order of `heads`.
    func blocks(
        _ heads: ArraySlice<SegmentHead>, _ run: Int32, _ stream: HistoryStream, _ metrics: [String]?,
        on connection: PostgresConnection
    ) async throws -> [HistoryBlock] {
        let wanted: PostgresQuery = """
            unnest(\(heads.map(\.attempt)), \(heads.map(\.first))) with ordinality k(attempt, first, place)
            """
        let frames = try await connection.query(
            """
            select \(SegmentFrame.columns) from \(wanted)
            join segments s on s.run = \(run) and s.stream = \(stream.number) and s.attempt = k.attempt
                and s.first = k.first
            order by k.place
            """)
        var blocks = try frames.map { row in
            let columns = try row.decode(
                as: Int32.self, Int64.self, Int32.self, PackedArray<Int64>?.self, Int64.self, Int64?.self,
                PackedArray<Int64>?.self, Int64.self, PackedArray<Int32>?.self, PackedArray<Int64>?.self)
            return HistoryBlock(try SegmentFrame(columns))
        }
        let values = try await connection.query(
            """
            select k.place, m.name, v.positions, v.singles, v.doubles from \(wanted)
            join segment_values v on v.run = \(run) and v.stream = \(stream.number) and v.attempt = k.attempt
                and v.first = k.first
            join metrics m on m.id = v.metric
            where \(metrics)::text[] is null or m.name = any(\(metrics))
            order by k.place, m.name collate "C"
            """)
        for row in values {
            let (place, name, positions, singles, doubles) = try row.decode(
                as: Int.self, String.self, PackedArray<Int16>?.self, PackedArray<Float>?.self,
                PackedArray<Double>?.self)
            let column = try SegmentColumn(positions, singles, doubles, of: blocks[place - 1].count)
            blocks[place - 1].columns.append(.init(name: name, positions: column.positions, values: column.values))
        }
        try await addOthers(to: &blocks, run, stream, metrics, on: connection)
        return blocks
    }

    private func addOthers(
        to blocks: inout [HistoryBlock], _ run: Int32, _ stream: HistoryStream, _ metrics: [String]?,
        on connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            select k.place, v.sequence, v.data
            from unnest(
                \(blocks.map { Int32(clamping: $0.attempt) }), \(blocks.map { $0.sequences.first ?? 0 }),
                \(blocks.map { $0.sequences.last ?? 0 })) with ordinality k(attempt, first, last, place)
            join row_values v on v.run = \(run) and v.stream = \(stream.number) and v.attempt = k.attempt
                and v.sequence between k.first and k.last
            """)
        for row in rows {
            let (place, sequence, data) = try row.decode(as: Int.self, Int64.self, PostgresJSON.self)
            var members = try data.object()
            if let metrics { members = members.filter { metrics.contains($0.key) } }
            let sequences = blocks[place - 1].sequences
            // A block's sequence numbers rise.
            guard let position = sequences.position(of: sequence), !members.isEmpty else { continue }
            blocks[place - 1].others[position] = members
        }
    }
}

extension [Int64] {
    /// Where the element is, if these rise; found by halving.
    func position(of element: Int64) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == element ? low : nil
    }
}
