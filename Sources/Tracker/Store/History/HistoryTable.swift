/// Rows of one attempt by column: sequence, step and time of each row once, and each metric's values apart.
struct HistoryTable: Sendable {
    /// One metric's values, with the rows (from 0, rising) that have one.
    struct Column: Sendable {
        var rows: [Int32] = []
        var values: [Double] = []
    }

    private(set) var sequences: [Int64] = []
    private(set) var steps: [Int64] = []
    /// Microseconds since 1970.
    private(set) var times: [Int64] = []
    private(set) var columns: [Column] = []

    var count: Int { sequences.count }

    mutating func append(sequence: Int64, step: Int64, time: Int64) {
        sequences.append(sequence)
        steps.append(step)
        times.append(time)
    }

    /// The place of a new, empty column.
    mutating func addColumn() -> Int {
        columns.append(Column())
        return columns.count - 1
    }

    /// Sets a value of the last row; a second one of the same row replaces the first.
    mutating func set(_ value: Double, column: Int) {
        let row = Int32(count - 1)
        if columns[column].rows.last == row {
            columns[column].values[columns[column].values.count - 1] = value
        } else {
            columns[column].rows.append(row)
            columns[column].values.append(value)
        }
    }

    /// Adds a segment's values to the column added last. `start`: the segment's first row in this table.
    mutating func append(_ column: SegmentColumn, at start: Int) {
        let positions = column.positions?.map { Int32(start) + Int32($0) }
        columns[columns.count - 1].rows += positions ?? column.values.indices.map { Int32(start + $0) }
        columns[columns.count - 1].values += column.values
    }
}
