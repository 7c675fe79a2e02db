import Experiment

/// Reads the members of a mapping that may have certain keys only; each mistake is one sentence with its place.
struct MappingReader {
    /// How messages call the mapping, as `a sweep`.
    let subject: String
    let position: SourcePosition
    private let entries: [String: YAMLValue.Entry]

    init(_ value: YAMLValue, subject: String, keys: [String]) throws {
        let members = try MappingReader.entries(of: value, subject: subject)
        for entry in members where !keys.contains(entry.key) {
            throw SweepDefinitionError(
                .unknownKey, at: entry.keyPosition,
                "\(subject) has no key '\(entry.key.prefix(60))'" + MappingReader.hint(entry.key, keys))
        }
        self.subject = subject
        position = value.position
        entries = Dictionary(members.map { ($0.key, $0) }) { first, _ in first }
    }

    static func entries(of value: YAMLValue, subject: String) throws -> [YAMLValue.Entry] {
        guard case .mapping(let entries) = value.content else {
            throw SweepDefinitionError(
                .wrongType, at: value.position, "\(subject) must be a mapping of keys to values, not \(value.spoken)")
        }
        return entries
    }

    /// The nearest key, or all of them where they are few and none is near.
    private static func hint(_ word: String, _ keys: [String]) -> String {
        let near = didYouMean(word, among: keys)
        return near.isEmpty && keys.count <= 8 ? "; its keys are \(keys.joined(separator: ", "))" : near
    }

    func has(_ key: String) -> Bool { entries[key] != nil }
    func value(_ key: String) -> YAMLValue? { entries[key]?.value }

    /// Where the key stands, or the mapping where it is missing.
    func keyPosition(_ key: String) -> SourcePosition { entries[key]?.keyPosition ?? position }

    func required(_ key: String, hint: String) throws -> YAMLValue {
        guard let value = value(key) else {
            throw SweepDefinitionError(.missingKey, at: position, "\(subject) needs the key '\(key)': \(hint)")
        }
        return value
    }

    func string(_ key: String) throws -> String? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.string(let text)) = value.content, !text.isEmpty else {
            throw wrongType(key, value, "a text")
        }
        return text
    }

    func number(_ key: String) throws -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.json.number, number.isFinite else { throw wrongType(key, value, "a number") }
        return number
    }

    func positiveInt(_ key: String) throws -> Int? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.int(let number)) = value.content, number > 0 else {
            throw wrongType(key, value, "a whole number above 0")
        }
        return Int(number)
    }

    func bool(_ key: String) throws -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.bool(let flag)) = value.content else { throw wrongType(key, value, "true or false") }
        return flag
    }

    func list(_ key: String) throws -> [YAMLValue]? {
        guard let value = value(key) else { return nil }
        guard case .sequence(let items) = value.content else { throw wrongType(key, value, "a list") }
        return items
    }

    func word(_ key: String, of words: [String]) throws -> String? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.string(let word)) = value.content else {
            throw wrongType(key, value, "one of \(words.joined(separator: ", "))")
        }
        guard words.contains(word) else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position,
                "'\(key)' must be one of \(words.joined(separator: ", ")), not '\(word.prefix(60))'"
                    + didYouMean(word, among: words))
        }
        return word
    }

    func wrongType(_ key: String, _ value: YAMLValue, _ expected: String) -> SweepDefinitionError {
        SweepDefinitionError(
            .wrongType, at: value.position, "'\(key)' of \(subject) must be \(expected), not \(value.spoken)")
    }
}
