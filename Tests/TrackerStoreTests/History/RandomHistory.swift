import Experiment
import TrackerStore

/// Rows as hostile to storage as they come: every kind of number, gaps, steps that go back, metrics that come and go.
struct RandomHistory {
    private(set) var rows: [HistoryRow] = []
    private var generator: SplitMix64

    static let values: [Double] = [
        .nan, Double(bitPattern: 0x7ff0_0000_0000_0001), Double(bitPattern: 0xfff8_0000_dead_beef), .infinity,

        -.infinity,
        0, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude, 1e308, -.greatestFiniteMagnitude, 0.1, 1,
        9_007_199_254_740_992,
        Double(Float(0.1)), Double(Float.greatestFiniteMagnitude), 1e39, 1e-46,
    ]
    static let steps: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 53 + 1, .max - 1, .max]
    static let times: [Int64] = [0, -62_135_596_800_000_000, 253_402_300_799_000_000, 1_790_000_000_000_001]
    static let others: [JSONValue] = [
        .string("NaN"), .string("a \"cat\"\n"), .bool(true), .int(9_007_199_254_740_993), .int(.min), .null,
        .array([.double(-0.0), .double(0.1)]), .object(["_type": .string("image-file"), "size": .int(7)]),
    ]

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    /// `count` rows of an attempt from `sequence` on.
    mutating func append(_ count: Int, attempt: Int, from sequence: Int64) {
        var (sequence, step, time) = (sequence, Int64(0), Int64(1_790_000_000_000_000))
        for _ in 0..<count {
            var row = HistoryRow(
                attempt: attempt, sequence: sequence, step: step, time: time, numbers: [:], others: [:])
            if chance(20) { row.step = Self.steps.randomElement(using: &generator) ?? 0 }
            if chance(50) { row.time = Self.times.randomElement(using: &generator) ?? 0 }
            for metric in ["loss", "train/acc", "ä \"'; --"] where !chance(5) {
                row.numbers[metric] = chance(4) ? Self.values.randomElement(using: &generator) : random()
            }
            // Always a float32, and always there.
            row.numbers["single"] = Double(Float(random()))
            if chance(10) { row.others["text"] = Self.others.randomElement(using: &generator) }
            rows.append(row)
            sequence += chance(15) ? 3 : 1
            step &+= chance(12) ? -2 : 1
            time += Int64.random(in: 0...2_000_000, using: &generator)
        }
    }

    var batch: HistoryBatch { Self.batch(rows[...]) }

    static func batch(_ rows: ArraySlice<HistoryRow>) -> HistoryBatch {
        var batch = HistoryBatch()
        for row in rows {
            batch.append(sequence: row.sequence, step: row.step, time: row.time)
            for (name, value) in row.numbers { batch.set(name, value) }
            for (name, value) in row.others { batch.set(name, other: value) }
        }
        return batch
    }

    private mutating func random() -> Double { Double.random(in: -10...10, using: &generator) }
    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &generator) == 0 }
}

/// Steele et al., OOPSLA 2014.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A row in which numbers are compared to the bit.
struct ExactRow: Hashable {
    let attempt: Int
    let sequence: Int64
    let step: Int64
    let time: Int64
    let numbers: [String: UInt64]
    let others: [String: JSONValue]

    init(_ row: HistoryRow) {
        (attempt, sequence, step, time) = (row.attempt, row.sequence, row.step, row.time)
        numbers = row.numbers.mapValues(\.bitPattern)
        others = row.others
    }
}
