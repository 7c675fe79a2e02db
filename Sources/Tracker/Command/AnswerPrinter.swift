import Experiment
import Output
import Postgres
import TrackerStore

/// Prints the rows of an answer as they come; a table only at the end, when its columns' widths are known.
actor AnswerPrinter {
    private let format: OutputFormat
    private let output: ByteOutput
    private var table: Table?
    private var count = 0

    /// Rows that a table for people has at most.
    private static let tableLimit = 10_000

    init(format: OutputFormat, output: sending ByteOutput) {
        self.format = format
        self.output = output
    }

    func add(_ rows: PostgresTextRows) throws {
        let columns = rows.columns
        if table == nil { begin(columns.map(\.name)) }
        for row in 0..<rows.count {
            let cells = columns.indices.map { Self.cell(rows[row, $0], columns[$0].type) }
            switch format {
            case .table: if count < Self.tableLimit { table?.rows.append(cells) }
            case .csv: CSV.append(cells, to: &output.buffer)
            case .json: appendJSON(cells, columns)
            }
            count += 1
        }
        try output.flushIfFull()
    }

    func finish() throws {
        if format == .json { output.buffer.append(contentsOf: count == 0 ? "]\n".utf8 : "\n]\n".utf8) }
        try output.finish()
        guard format == .table, let table else { return }
        try printTable(table, as: .table)
        if count > Self.tableLimit {
            printNote("\(count - Self.tableLimit) more rows are not shown; --format csv or json has them all")
        }
    }

    private func begin(_ names: [String]) {
        table = Table(columns: names)
        switch format {
        case .table: break
        case .csv: CSV.append(names.map(Table.Cell.text), to: &output.buffer)
        case .json: output.buffer.append(UInt8(ascii: "["))
        }
    }

    private func appendJSON(_ cells: [Table.Cell], _ columns: [PostgresTextRows.Column]) {
        output.buffer.append(contentsOf: (count == 0 ? "\n" : ",\n").utf8)
        var members: [String: JSONValue] = [:]
        for (cell, column) in zip(cells, columns) {
            let isJSON = column.type == .json || column.type == .jsonb
            if isJSON, case .text(let text) = cell {
                members[column.name] = (try? JSONParser.parse(text)) ?? cell.json
            } else {
                members[column.name] = cell.json
            }
        }
        JSONValue.object(members).write(into: &output.buffer)
    }

    private static func cell(_ text: String?, _ type: PostgresType) -> Table.Cell {
        guard let text else { return .empty }
        switch type {
        case .int2, .int4, .int8, .float4, .float8, .numeric:
            if let integer = Int64(text) { return .integer(integer) }
            // More digits than a float64 brings back.
            if type == .numeric, text.utf8.count > 16 { return .text(text) }
            return Double(text).map(Table.Cell.number) ?? .text(text)
        default: return .text(text)
        }
    }
}
