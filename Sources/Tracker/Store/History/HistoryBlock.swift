package import Experiment

/// Some neighbouring rows of a run's attempt, by column.
package struct HistoryBlock: Sendable {
    package struct Column: Sendable {
        package var name: String
        /// Rows of the block (from 0, rising) that have a value; nil: all.
        package var positions: [Int16]?
        package var values: [Double]
    }

    package var attempt: Int
    package var sequences: [Int64]
    package var steps: [Int64]
    /// Microseconds since 1970.
    package var times: [Int64]
    /// By name, bytewise.
    package var columns: [Column] = []
    /// What is no number, by row.
    package var others: [Int: [String: JSONValue]] = [:]

    package var count: Int { sequences.count }

    init(_ frame: SegmentFrame) {
        attempt = Int(frame.attempt)
        sequences = frame.sequences
        steps = frame.steps
        times = frame.times
    }

    /// The rows one by one.
    package var rows: [HistoryRow] {
        var rows = (0..<count).map { row in
            HistoryRow(
                attempt: attempt, sequence: sequences[row], step: steps[row], time: times[row], numbers: [:],
                others: others[row] ?? [:])
        }
        for column in columns {
            for (index, value) in column.values.enumerated() {
                rows[column.positions.map { Int($0[index]) } ?? index].numbers[column.name] = value
            }
        }
        return rows
    }
}

/// What one log call wrote.
package struct HistoryRow: Sendable, Hashable {
    package var attempt: Int
    package var sequence: Int64
    package var step: Int64
    /// Microseconds since 1970.
    package var time: Int64
    package var numbers: [String: Double]
    package var others: [String: JSONValue]

    package init(
        attempt: Int, sequence: Int64, step: Int64, time: Int64, numbers: [String: Double],
        others: [String: JSONValue]
    ) {
        (self.attempt, self.sequence, self.step, self.time) = (attempt, sequence, step, time)
        (self.numbers, self.others) = (numbers, others)
    }

    /// Takes over what a later call at the same step wrote.
    mutating func merge(_ later: HistoryRow) {
        (attempt, sequence, time) = (later.attempt, later.sequence, later.time)
        for (name, value) in later.numbers {
            numbers[name] = value
            others[name] = nil
        }
        for (name, value) in later.others {
            others[name] = value
            numbers[name] = nil
        }
    }
}

/// How long a run's history is.
package struct HistoryExtent: Sendable, Hashable {
    /// Log calls, also those that a later one at the same step replaced.
    package var rows: Int
    /// Greatest step; nil without rows.
    package var lastStep: Int64?
    /// Time of the row logged last, in microseconds since 1970.
    package var lastTime: Int64?

    package init(rows: Int, lastStep: Int64?, lastTime: Int64?) {
        (self.rows, self.lastStep, self.lastTime) = (rows, lastStep, lastTime)
    }
}
