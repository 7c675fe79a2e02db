import Postgres

/// What the rows of a segment share, whatever the metric.
struct SegmentFrame: Sendable {
    let attempt: Int32
    let first: Int64
    let sequences: [Int64]
    let steps: [Int64]
    /// Microseconds since 1970; empty where they were not read.
    let times: [Int64]

    var count: Int { sequences.count }

    /// The columns of `segments s` that ``Columns`` reads.
    static let columns = columns(withTimes: true)

    /// Times are as many bytes as the values of one metric: who draws against steps leaves them out.
    static func columns(withTimes: Bool) -> PostgresQuery {
        let times: PostgresQuery = withTimes ? "s.times, s.long_times" : "null::integer[], null::bigint[]"
        return """
            s.attempt, s.first, s.count, s.sequences, s.step, s.stride, s.steps,
            (extract(epoch from s.time) * 1000000)::bigint, \(times)
            """
    }

    typealias Columns = (
        Int32, Int64, Int32, PackedArray<Int64>?, Int64, Int64?, PackedArray<Int64>?, Int64, PackedArray<Int32>?,
        PackedArray<Int64>?
    )

    init(_ columns: Columns, withTimes: Bool = true) throws(StoreError) {
        let (attempt, first, count, sequences, step, stride, steps, time, times, longTimes) = columns
        self.attempt = attempt
        self.first = first
        self.sequences = sequences?.elements ?? (0..<Int64(count)).map { first + $0 }
        self.steps = steps?.elements ?? (0..<Int64(count)).map { step &+ (stride ?? 0) &* $0 }
        self.times = times?.elements.map { time &+ Int64($0) } ?? longTimes?.elements.map { time &+ $0 } ?? []
        guard [self.sequences.count, self.steps.count].allSatisfy({ $0 == Int(count) }),
            self.times.count == (withTimes ? Int(count) : 0)
        else {
            throw StoreError.damagedSegment
        }
    }
}

/// One metric's values in a segment.
struct SegmentColumn: Sendable {
    /// Rows of the segment (from 0) that have a value; nil: all.
    let positions: [Int16]?
    let values: [Double]

    init(
        _ positions: PackedArray<Int16>?, _ singles: PackedArray<Float>?, _ doubles: PackedArray<Double>?,
        of rows: Int
    ) throws(StoreError) {
        self.positions = positions?.elements
        values = doubles?.elements ?? singles?.elements.map(Double.init) ?? []
        guard values.count == positions?.elements.count ?? rows,
            positions?.elements.allSatisfy({ (0..<rows).contains(Int($0)) }) ?? true
        else { throw StoreError.damagedSegment }
    }
}

extension StoreError {
    static let damagedSegment = StoreError(
        .damaged, "a segment of a run's history is damaged; `tracker doctor` says which")
}
