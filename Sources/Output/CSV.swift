/// Comma-separated values as RFC 4180 has them, but with lines that end as others do here.
enum CSV {
    static func text(_ table: Table) -> String {
        ([table.columns.map(quoted)] + table.rows.map { $0.map(cell) })
            .map { $0.joined(separator: ",") + "\n" }.joined()
    }

    /// Numbers are written with as many digits as bring back the same number.
    private static func cell(_ cell: Table.Cell) -> String {
        switch cell {
        case .empty: ""
        case .text(let text): quoted(text)
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        }
    }

    /// A text that a spreadsheet would take for a formula gets an apostrophe in front, which makes it a text there.
    private static func quoted(_ text: String) -> String {
        let harmless =
            text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } == true
            ? "'" + text : text
        let needsQuotes = harmless.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        return needsQuotes ? "\"\(harmless.replacing("\"", with: "\"\""))\"" : harmless
    }
}
