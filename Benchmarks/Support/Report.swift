import Foundation

/// Prints measurements as a table or as JSON.
enum Report {
    static func table(_ rows: [Measurement]) -> String {
        let head = ["what", "ours", "aim", "", "MLflow", "ratio", "COPY"]
        let lines = [head] + rows.map(cells)
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return column == 0 ? line[column] + space : space + line[column]
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func cells(_ row: Measurement) -> [String] {
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

    static func json(_ rows: [Measurement]) throws -> String {
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
