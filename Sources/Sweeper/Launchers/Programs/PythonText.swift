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
        case .double(let value): float(value)
        case .string(let text): quoted(text)
        case .array(let items): "[" + items.map(repr).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + sorted(members).map { "\(quoted($0)): \(repr($1))" }.joined(separator: ", ") + "}"
        }
    }

    /// Python has an exponent from 1e16 on, Swift from 2^54 on; all else is the same.
    private static func float(_ value: Double) -> String {
        let text = value.description
        guard abs(value) >= 1e16, value.isFinite, text.hasSuffix(".0") else { return text }
        let digits = text.dropLast(2).drop { $0 == "-" }
        let fraction = String(String(digits.dropFirst().reversed()).drop { $0 == "0" }.reversed())
        return (value < 0 ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
            + "e+\(digits.count - 1)"
    }

    private enum Form { case json, yaml }

    static func json(_ value: JSONValue) -> String { text(value, .json) }

    /// JSON that PyYAML reads as what it is: to it `1e-05` is a text and `1.0e-05` a number, and half of a surrogate
    /// pair a character.
    static func yaml(_ value: JSONValue) -> String { text(value, .yaml) }

    private static func text(_ value: JSONValue, _ form: Form) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): number(value, form)
        case .string(let string): doublyQuoted(string, form)
        case .array(let items): "[" + items.map { text($0, form) }.joined(separator: ", ") + "]"
        case .object(let members):
            "{" + sorted(members).map { "\(doublyQuoted($0, form)): \(text($1, form))" }.joined(separator: ", ") + "}"
        }
    }

    private static func number(_ value: Double, _ form: Form) -> String {
        if value.isNaN { return form == .yaml ? ".nan" : "NaN" }
        if value.isInfinite { return (value < 0 ? "-" : "") + (form == .yaml ? ".inf" : "Infinity") }
        let text = float(value)
        guard form == .yaml, let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return "\(text[..<exponent]).0\(text[exponent...])"
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
            case let scalar where isPrintable(scalar): result.unicodeScalars.append(scalar)
            case let scalar where scalar.value < 0x100: result += "\\x" + hex(scalar.value, 2)
            case let scalar where scalar.value < 0x10000: result += "\\u" + hex(scalar.value, 4)
            default: result += "\\U" + hex(scalar.value, 8)
            }
        }
        return result + String(quote)
    }

    /// As `str.isprintable`.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    private static func doublyQuoted(_ text: String, _ form: Form) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case " "..<"\u{7F}": result.unicodeScalars.append(scalar)
            case let scalar where scalar.value > 0xFFFF && form == .yaml: result += "\\U" + hex(scalar.value, 8)
            default: for unit in String(scalar).utf16 { result += "\\u" + hex(UInt32(unit), 4) }
            }
        }
        return result + "\""
    }

    private static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
