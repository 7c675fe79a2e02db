package import Experiment

/// Rows that one attempt of a run logged, to be written by ``TrackerStore/write(_:to:stream:attempt:on:)``.
///
/// ```
/// var batch = HistoryBatch()
/// batch.append(sequence: 1, step: 0, time: microseconds)
/// batch.set("loss", 0.5)
/// batch.set("sample", other: .string("a cat"))
/// ```
package struct HistoryBatch: Sendable {
    private(set) var table = HistoryTable()
    /// Of the table's columns.
    package private(set) var names: [String] = []
    /// What is no number, by row; rising.
    private(set) var others: [(row: Int, data: [String: JSONValue])] = []
    private var indexes: [String: Int] = [:]

    package init() {}

    /// Rows.
    package var count: Int { table.count }
    package var isEmpty: Bool { count == 0 }
    /// Values that are numbers.
    package var points: Int { table.columns.reduce(0) { $0 + $1.values.count } }
    package var highestStep: Int64? { table.steps.max() }
    package var lastSequence: Int64? { table.sequences.last }

    /// Begins a row. Sequence numbers must rise; `time` is in microseconds since 1970.
    package mutating func append(sequence: Int64, step: Int64, time: Int64) {
        table.append(sequence: sequence, step: step, time: time)
    }

    /// Sets a metric of the row begun last.
    package mutating func set(_ name: String, _ value: Double) {
        set(column: column(name), value)
    }

    /// Sets what is no number, or no float64, of the row begun last: text, media, structures, integers beyond 2^53.
    package mutating func set(_ name: String, other: JSONValue) {
        let row = count - 1
        if others.last?.row == row {
            others[others.count - 1].data[name] = other
        } else {
            others.append((row, [name: other]))
        }
    }

    /// Sets a metric of the row begun last: as a number where a float64 holds it exactly, else as it is.
    package mutating func set(_ name: String, json value: JSONValue) {
        switch value {
        case .double(let number): set(name, number)
        case .int(let number) where Int64(exactly: Double(number)) == number: set(name, Double(number))
        default: set(name, other: value)
        }
    }

    /// The place of a metric, for ``set(column:_:)``: whoever logs the same metrics again looks their names up once.
    package mutating func column(_ name: String) -> Int {
        if let index = indexes[name] { return index }
        let index = table.addColumn()
        indexes[name] = index
        names.append(name)
        return index
    }

    package mutating func set(column: Int, _ value: Double) { table.set(value, column: column) }

    /// The last value under each name that a row from `row` on has.
    func lastValues(from row: Int) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for (name, column) in zip(names, table.columns) {
            if let last = column.rows.last, Int(last) >= row, let value = column.values.last {
                values[name] = .double(value)
            }
        }
        for (position, data) in others where position >= row {
            for (name, value) in data {
                let column = indexes[name].map { table.columns[$0] }
                if Int(column?.rows.last ?? -1) <= position { values[name] = value }
            }
        }
        return values
    }
}
