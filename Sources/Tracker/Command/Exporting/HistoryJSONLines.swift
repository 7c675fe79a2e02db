import Experiment
import TrackerStore

/// A JSON object a line: of a point, or of a log call with its values by name. NaN and infinities are the strings
/// `"NaN"`, `"Infinity"` and `"-Infinity"`.
struct HistoryJSONLines: HistoryLayout {
    let isWide: Bool
    let texts: Bool

    var head: [UInt8] { [] }

    func append(_ block: HistoryBlock, of run: RunID, to bytes: inout [UInt8]) -> Int {
        var cells = HistoryCells(block)
        var lines = 0
        for row in 0..<block.count {
            var values = texts ? block.others[row] ?? [:] : [:]
            for column in block.columns.indices {
                if let value = cells.next(column: column, row: row) {
                    values[block.columns[column].name] = .double(value)
                }
            }
            guard !values.isEmpty else { continue }
            if isWide {
                append(block, row, run, #","values":"#, .object(values), "", .null, to: &bytes)
                lines += 1
            } else {
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    append(block, row, run, #","metric":"#, .string(name), #","value":"#, value, to: &bytes)
                }
                lines += values.count
            }
        }
        return lines
    }

    private func append(
        _ block: HistoryBlock, _ row: Int, _ run: RunID, _ firstKey: String, _ first: JSONValue, _ secondKey: String,
        _ second: JSONValue, to bytes: inout [UInt8]
    ) {
        bytes.append(
            contentsOf: #"{"run":"\#(run)","attempt":\#(block.attempt),"step":\#(block.steps[row]),"time":"#.utf8)
        HistoryCells.append(time: block.times[row], to: &bytes)
        bytes.append(contentsOf: firstKey.utf8)
        first.write(into: &bytes)
        if !secondKey.isEmpty {
            bytes.append(contentsOf: secondKey.utf8)
            second.write(into: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }
}
