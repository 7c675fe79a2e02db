import Experiment

/// Values as Python's `str`, `repr` and `json.dumps` write them, because W&B's agents do.
enum PythonText {
    static func str(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return repr(value)
    }

    static func repr(_ value: JSONValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): String(value)
        case .double(let value): value.description
        case .string(let text): quoted(text)
        case .array(let items): "[" + items.map(repr).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + sorted(members).map { "\(quoted($0)): \(repr($1))" }.joined(separator: ", ") + "}"
        }
    }

    static func json(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value) where value.isNaN: "NaN"
        case .double(let value) where value.isInfinite: value < 0 ? "-Infinity" : "Infinity"
        case .double(let value): value.description
        case .string(let text): jsonQuoted(text)
        case .array(let items): "[" + items.map(json).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + sorted(members).map { "\(jsonQuoted($0)): \(json($1))" }.joined(separator: ", ") + "}"
        }
    }

    private static func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
        members.sorted { $0.key < $1.key }
    }

    /// Single quotes, unless there are only single ones within.
    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case quote: result += "\\\(quote)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let scalar where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\x" + hex(scalar.value, 2)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + String(quote)
    }

    private static func jsonQuoted(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x08: result += "\\b"
            case 0x0C: result += "\\f"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default: result += "\\u" + hex(UInt32(unit), 4)
            }
        }
        return result + "\""
    }

    private static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
