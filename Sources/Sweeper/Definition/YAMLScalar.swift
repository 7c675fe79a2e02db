import Experiment

/// What a plain (unquoted) YAML scalar means.
///
/// YAML 1.2's core schema, with three habits of PyYAML that W&B's files rely on: `yes`, `no`, `on` and `off` are
/// booleans, `1_000` is a number. Unlike PyYAML, `1e-3` is a number too, because nobody means a text by it. A number
/// with a leading zero (`010`, octal to some) stays a text, so that whoever reads it as a number says so.
enum YAMLScalar {
    static func resolve(plain text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        default: return boolean(text).map(JSONValue.bool) ?? number(text) ?? .string(text)
        }
    }

    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    static func number(_ text: String) -> JSONValue? {
        var digits = Substring(text)
        if digits.first == "+" || digits.first == "-" { digits = digits.dropFirst() }
        guard let first = digits.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else { return nil }
        if digits.hasPrefix("0x") {
            let sign = text.hasPrefix("-") ? "-" : ""
            return Int64(sign + digits.dropFirst(2), radix: 16).map(JSONValue.int)
        }
        guard digits.utf8.allSatisfy({ isDigit($0) || "_.eE+-".utf8.contains($0) }),
            digits.utf8.contains(where: isDigit)
        else { return nil }
        let plain = text.replacing("_", with: "")
        if digits.utf8.first == UInt8(ascii: "0"), digits.utf8.dropFirst().first.map(isDigit) == true { return nil }
        return Int64(plain).map(JSONValue.int) ?? Double(plain).map(JSONValue.double)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
