package import Experiment

/// Rows and columns, however they are printed.
package struct Table: Hashable, Sendable {
    package enum Cell: Hashable, Sendable {
        case empty
        case text(String)
        case integer(Int64)
        case number(Double)
    }

    package var columns: [String]
    package var rows: [[Cell]]

    package init(columns: [String], rows: [[Cell]] = []) {
        self.columns = columns
        self.rows = rows
    }
}

extension Table.Cell {
    package init(_ value: JSONValue?) {
        self =
            switch value {
            case nil, .null: .empty
            case .int(let value): .integer(value)
            case .double(let value): .number(value)
            case .some(let value): .text(value.label)
            }
    }

    package init(_ text: String?) { self = text.map(Self.text) ?? .empty }
    package init(_ number: Double?) { self = number.map(Self.number) ?? .empty }
    package init(_ number: Int) { self = .integer(Int64(number)) }

    /// The cell as JSON; numbers that JSON has no word for become texts.
    package var json: JSONValue {
        switch self {
        case .empty: .null
        case .text(let text): .string(text)
        case .integer(let number): .int(number)
        case .number(let number): .double(number)
        }
    }
}

extension Table {
    /// A JSON object for each row.
    package var objects: [JSONValue] {
        rows.map { .object(Dictionary(zip(columns, $0.map(\.json))) { first, _ in first }) }
    }
}
