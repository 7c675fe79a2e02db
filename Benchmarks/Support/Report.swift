import Foundation

/// Prints measurements as a table or as JSON.
package enum Report {
    /// `format`: table or json.
    package static func text(_ rows: [Figure], peer: String, format: String) throws -> String {
        format == "json" ? try json(rows) : table(rows, peer: peer)
    }

    private static func table(_ rows: [Figure], peer: String) -> String {
        var head = ["what", "ours", "aim", "", peer, "ratio"]
        if rows.contains(where: { $0.copy != nil }) { head.append("COPY") }
        let lines = [head] + rows.map { Array(cells($0).prefix(head.count)) }
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return column == 0 ? line[column] + space : space + line[column]
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func cells(_ row: Figure) -> [String] {
        let isMet: String =
            switch row.meetsAim {
            case nil: ""
            case true?: "met"
            case false?: "MISSED"
            }
        let ratio: String = row.ratio.map { text($0) + " x" } ?? ""
        func cell(_ number: Double?) -> String { number.map(text) ?? "" }
        return [
            "\(row.name), \(row.unit)", text(row.ours), cell(row.aim), isMet, cell(row.peer), ratio, cell(row.copy),
        ]
    }

    private static func json(_ rows: [Figure]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }

    /// Three significant digits.
    private static func text(_ number: Double) -> String {
        guard number.isFinite, number != 0 else { return "\(number)" }
        if abs(number) >= 1000 { return number.formatted(.number.precision(.fractionLength(0)).grouping(.automatic)) }
        return String(format: "%.3g", number)
    }
}
