import Postgres

/// Cuts rows into segments and writes these in the form of `copy`.
struct SegmentEncoder {
    /// Rows of a full segment. TOAST cuts values in pieces of 1,996 bytes, four to a page: an array of 992 float32
    /// (20 + 4 * 992 bytes) fills two and one of float64 four; a few more rows would need a further, nearly empty piece.
    static let fullCount = 992
    /// Offsets of a segment's times stay below this many microseconds (142 years), within which SQL's intervals are exact.
    private static let longestSpan: Int64 = 1 << 52

    static let segmentColumns: StaticString =
        "segments (run, stream, attempt, first, count, sequences, step, stride, steps, lowest, highest, time, times, long_times, sealed)"
    static let valueColumns: StaticString =
        "segment_values (run, metric, stream, attempt, first, positions, singles, doubles)"

    let run: Int32
    let stream: HistoryStream
    let attempt: Int32

    private(set) var segments = PostgresCopy()
    private(set) var values = PostgresCopy()

    init(run: Int32, stream: HistoryStream, attempt: Int32) {
        self.run = run
        self.stream = stream
        self.attempt = attempt
    }

    /// `metrics`: ids of the table's columns. The last segment stays open to be merged unless it is full or
    /// `sealsRest`.
    mutating func append(_ table: HistoryTable, metrics: [Int32], sealsRest: Bool = false) {
        var begun = [Int](repeating: 0, count: table.columns.count)
        var start = 0
        while start < table.count {
            let end = Self.end(of: table, from: start)
            appendSegment(table, start..<end, isSealed: sealsRest || end < table.count || end - start == Self.fullCount)
            for (index, column) in table.columns.enumerated() {
                let from = begun[index]
                var to = from
                while to < column.rows.count, column.rows[to] < end { to += 1 }
                begun[index] = to
                if to > from {
                    appendValues(column, from..<to, metric: metrics[index], first: table.sequences[start], start..<end)
                }
            }
            start = end
        }
    }

    private static func end(of table: HistoryTable, from start: Int) -> Int {
        let limit = min(table.count, start + fullCount)
        let first = table.times[start]
        let beyond = (start..<limit).first { abs(table.times[$0] - first) >= longestSpan }
        return beyond ?? limit
    }

    private mutating func appendSegment(_ table: HistoryTable, _ rows: Range<Int>, isSealed: Bool) {
        let first = table.sequences[rows.lowerBound]
        let isGapless = table.sequences[rows.upperBound - 1] - first == Int64(rows.count - 1)
        let steps = table.steps[rows]
        let stride = Self.stride(steps)
        let time = table.times[rows.lowerBound]
        let offsets = table.times[rows].map { $0 - time }
        let short = offsets.map { Int32(truncatingIfNeeded: $0) }
        let isShort = zip(short, offsets).allSatisfy { Int64($0) == $1 }
        segments.beginRow(columns: 15)
        segments.append(run)
        segments.append(stream.rawValue)
        segments.append(attempt)
        segments.append(first)
        segments.append(Int32(rows.count))
        segments.append(array: isGapless ? nil : Array(table.sequences[rows]))
        segments.append(table.steps[rows.lowerBound])
        segments.append(stride)
        segments.append(array: stride == nil ? Array(steps) : nil)
        segments.append(steps.min())
        segments.append(steps.max())
        segments.append(microseconds: time)
        segments.append(array: isShort ? short : nil)
        segments.append(array: isShort ? nil : offsets)
        segments.append(isSealed)
    }

    /// The difference between neighbours where it is always the same.
    private static func stride(_ steps: ArraySlice<Int64>) -> Int64? {
        guard let first = steps.first, steps.count > 1 else { return 0 }
        let (stride, overflows) = steps[steps.startIndex + 1].subtractingReportingOverflow(first)
        // Far below what would overflow when SQL multiplies.
        guard !overflows, stride.magnitude < 1 << 40 else { return nil }
        var expected = first
        for step in steps {
            guard step == expected else { return nil }
            expected = expected &+ stride
        }
        return stride
    }

    private mutating func appendValues(
        _ column: HistoryTable.Column, _ range: Range<Int>, metric: Int32, first: Int64, _ rows: Range<Int>
    ) {
        let numbers = Array(column.values[range])
        let singles = numbers.map { Float($0) }
        let isSingle = zip(singles, numbers).allSatisfy { Double($0).bitPattern == $1.bitPattern }
        let isComplete = range.count == rows.count
        values.beginRow(columns: 8)
        values.append(run)
        values.append(metric)
        values.append(stream.rawValue)
        values.append(attempt)
        values.append(first)
        values.append(array: isComplete ? nil : column.rows[range].map { Int16($0 - Int32(rows.lowerBound)) })
        values.append(array: isSingle ? singles : nil)
        values.append(array: isSingle ? nil : numbers)
    }
}
