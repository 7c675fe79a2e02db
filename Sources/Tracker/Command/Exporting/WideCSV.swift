import Experiment
import Output
import TrackerStore

/// `run,attempt,step,time` and a column a metric, a line a log call.
struct WideCSV: HistoryLayout {
    /// Names, sorted.
    let columns: [String]
    let texts: Bool
    private let places: [String: Int]

    init(columns: [String], texts: Bool) {
        self.columns = columns
        self.texts = texts
        places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    }

    var head: [UInt8] {
        var bytes: [UInt8] = []
        CSV.append((["run", "attempt", "step", "time"] + columns).map(Table.Cell.text), to: &bytes)
        return bytes
    }

    func append(_ block: HistoryBlock, of run: RunID, to bytes: inout [UInt8]) -> Int {
        let columnPlaces = block.columns.map { places[$0.name] }
        var cells = HistoryCells(block)
        var lines = 0
        var prefix: [UInt8] = []
        CSV.append(run.rawValue, to: &prefix)
        prefix.append(contentsOf: ",\(block.attempt),".utf8)
        for row in 0..<block.count {
            var values = [Table.Cell](repeating: .empty, count: columns.count)
            for column in columnPlaces.indices {
                guard let value = cells.next(column: column, row: row), let place = columnPlaces[column] else {
                    continue
                }
                values[place] = .number(value)
            }
            if texts {
                for (name, value) in block.others[row] ?? [:] {
                    if let place = places[name] { values[place] = .text(value.text) }
                }
            }
            // A row in which nothing was asked for.
            guard values.contains(where: { $0 != .empty }) else { continue }
            bytes.append(contentsOf: prefix)
            CSV.append(block.steps[row], to: &bytes)
            bytes.append(UInt8(ascii: ","))
            HistoryCells.append(time: block.times[row], to: &bytes)
            bytes.append(UInt8(ascii: ","))
            CSV.append(values, to: &bytes)
            lines += 1
        }
        return lines
    }
}
