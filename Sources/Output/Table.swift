import Experiment

/// Rows and columns, however they are printed.
struct Table: Hashable {
    enum Cell: Hashable {
        case empty
        case text(String)
        case integer(Int64)
        case number(Double)

        init(_ value: JSONValue?) {
            self =
                switch value {
                case nil, .null: .empty
                case .int(let value): .integer(value)
                case .double(let value): .number(value)
                case .some(let value): .text(value.label)
                }
        }

        init(_ text: String?) { self = text.map(Cell.text) ?? .empty }
        init(_ number: Double?) { self = number.map(Cell.number) ?? .empty }
    }

    var columns: [String]
    var rows: [[Cell]] = []
}
