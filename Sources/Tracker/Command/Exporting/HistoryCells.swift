import Output
import TrackerStore

/// A block's columns, walked through row by row.
struct HistoryCells {
    private let block: HistoryBlock
    /// By column: how many of its values lie before the row.
    private var places: [Int]

    init(_ block: HistoryBlock) {
        self.block = block
        places = [Int](repeating: 0, count: block.columns.count)
    }

    /// The column's value in a row; rows must be asked for in order, each once.
    mutating func next(column: Int, row: Int) -> Double? {
        let place = places[column]
        guard let positions = block.columns[column].positions else { return block.columns[column].values[row] }
        guard place < positions.count, Int(positions[place]) == row else { return nil }
        places[column] = place + 1
        return block.columns[column].values[place]
    }

    /// Seconds since 1970, with six decimals: no digit of a microsecond is lost or made up.
    static func append(time microseconds: Int64, to bytes: inout [UInt8]) {
        let (seconds, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        if microseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: seconds.description.utf8)
        bytes.append(UInt8(ascii: "."))
        var divisor: UInt64 = 100_000
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / divisor % 10))
            divisor /= 10
        }
    }
}
