package import Experiment

/// Takes out of what clients tell about their surroundings what is nobody else's business.
package enum Secrets {
    static let mark = "[removed]"

    /// The value with the texts of telling keys (`api_key`, `HF_TOKEN`), the words after such options
    /// (`--password x`, `--token=x`) and the credentials in addresses replaced.
    package static func removed(from value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): return .string(removed(from: text))
        case .array(let elements):
            var isSecret = false
            return .array(
                elements.map { element in
                    guard case .string(let text) = element else { return removed(from: element) }
                    defer { isSecret = text.hasPrefix("-") && !text.contains("=") && isTelling(text) }
                    return .string(isSecret && !text.hasPrefix("-") ? mark : removed(from: text))
                })
        case .object(let members):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (key, isTelling(key) && value.string != nil ? .string(mark) : removed(from: value))
                    }))
        default: return value
        }
    }

    private static func removed(from text: String) -> String {
        if text.hasPrefix("-"), let equals = text.firstIndex(of: "="), isTelling(String(text[..<equals])) {
            return String(text[...equals]) + mark
        }
        return withoutCredentials(text)
    }

    /// `https://user:password@host/x` as `https://host/x`.
    static func withoutCredentials(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" && !$0.isWhitespace }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return String(text[..<scheme.upperBound] + text[text.index(after: at)...])
    }

    private static let words = [
        "key", "keys", "token", "password", "passwd", "secret", "secrets", "credential", "credentials",
    ]
    private static let endings = ["apikey", "accesskey", "secretkey", "authtoken", "accesstoken", "password", "secret"]

    /// Whether a name's words (`HF_TOKEN`, `--api-key`) say that its value is a secret.
    static func isTelling(_ name: String) -> Bool {
        let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        return parts.contains { part in words.contains(String(part)) || endings.contains { part.hasSuffix($0) } }
    }
}
