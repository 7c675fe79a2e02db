import Experiment
import Output
import TrackerStore

/// `run,attempt,metric,step,time,value`, a line a point.
struct LongCSV: HistoryLayout {
    let texts: Bool

    var head: [UInt8] { Array("run,attempt,metric,step,time,value\n".utf8) }

    func append(_ block: HistoryBlock, of run: RunID, to bytes: inout [UInt8]) -> Int {
        let start = prefix(run, block.attempt)
        let prefixes = block.columns.map { column in
            var bytes = start
            CSV.append(column.name, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            return bytes
        }
        var cells = HistoryCells(block)
        var lines = 0
        var middle: [UInt8] = []
        for row in 0..<block.count {
            middle.removeAll(keepingCapacity: true)
            CSV.append(block.steps[row], to: &middle)
            middle.append(UInt8(ascii: ","))
            HistoryCells.append(time: block.times[row], to: &middle)
            middle.append(UInt8(ascii: ","))
            for column in prefixes.indices {
                guard let value = cells.next(column: column, row: row) else { continue }
                bytes.append(contentsOf: prefixes[column])
                bytes.append(contentsOf: middle)
                CSV.append(value, to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                lines += 1
            }
            guard texts, let others = block.others[row] else { continue }
            for (name, value) in others.sorted(by: { $0.key < $1.key }) {
                bytes.append(contentsOf: start)
                CSV.append(name, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                bytes.append(contentsOf: middle)
                CSV.append(value.text, to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                lines += 1
            }
        }
        return lines
    }

    private func prefix(_ run: RunID, _ attempt: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        CSV.append(run.rawValue, to: &bytes)
        bytes.append(contentsOf: ",\(attempt),".utf8)
        return bytes
    }
}
