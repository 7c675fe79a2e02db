/// Comma-separated values as RFC 4180 has them, but with lines that end as others do here.
///
/// Numbers are written with as many digits as bring back the same number. A text that a spreadsheet would take for a
/// formula gets an apostrophe in front, which makes it a text there.
package enum CSV {
    package static func text(_ table: Table) -> String {
        var bytes: [UInt8] = []
        append(table.columns.map(Table.Cell.text), to: &bytes)
        for row in table.rows { append(row, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a line.
    package static func append(_ cells: [Table.Cell], to bytes: inout [UInt8]) {
        var isFirst = true
        for cell in cells {
            if !isFirst { bytes.append(comma) }
            isFirst = false
            switch cell {
            case .empty: break
            case .text(let text): append(text, to: &bytes)
            case .integer(let number): append(number, to: &bytes)
            case .number(let number): append(number, to: &bytes)
            }
        }
        bytes.append(newline)
    }

    package static func append(_ text: String, to bytes: inout [UInt8]) {
        let isFormula = text.utf8.first.map { formula.contains($0) } ?? false
        let needsQuotes = text.utf8.contains { $0 == comma || $0 == quote || $0 == newline || $0 == carriageReturn }
        if needsQuotes { bytes.append(quote) }
        if isFormula { bytes.append(UInt8(ascii: "'")) }
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        if needsQuotes { bytes.append(quote) }
    }

    package static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: number.description.utf8)
    }

    package static func append(_ number: Double, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: number.description.utf8)
    }

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    /// What spreadsheets begin formulas with, or skip before one.
    private static let formula = Array("=+-@\t\r\n".utf8)
}
