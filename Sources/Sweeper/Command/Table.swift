import ArgumentParser
import Experiment

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case csv

    static let choices = allCases.map(\.rawValue).joined(separator: ", ")
}

/// Rows of named columns, printed for people, for programs and for spreadsheets.
struct Table {
    var columns: [String]
    var rows: [[JSONValue]] = []

    /// Ends with a newline.
    func text(_ format: OutputFormat) -> String {
        switch format {
        case .table: aligned
        case .json: JSONValue.array(objects).canonicalText + "\n"
        case .csv: ([columns] + rows.map { $0.map(Table.plain) }).map(Table.csvLine).joined()
        }
    }

    var objects: [JSONValue] {
        rows.map { .object(Dictionary(zip(columns, $0)) { first, _ in first }) }
    }

    private var aligned: String {
        let cells = [columns.map { $0.uppercased() }] + rows.map { $0.map { Table.printable(Table.plain($0)) } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = padded.joined(separator: "  ")
            return line.prefix(line.count - line.reversed().prefix { $0 == " " }.count) + "\n"
        }.joined()
    }

    private static func plain(_ value: JSONValue) -> String { value == .null ? "" : value.label }

    /// Texts come from files and from other machines: none may steer the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    private static func csvLine(_ cells: [String]) -> String {
        cells.map { cell in
            cell.contains { ",\"\n\r\r\n".contains($0) } ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
        }.joined(separator: ",") + "\n"
    }
}
