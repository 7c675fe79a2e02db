import Experiment

/// A parameter of a sweep: what it may be, or the parameters nested below it.
package struct Parameter: Sendable, Hashable {
    package indirect enum Content: Sendable, Hashable {
        case distribution(Distribution)
        /// Becomes a mapping in the config.
        case nested([Parameter])
    }

    package var name: String
    /// Where the name stands.
    package var position: SourcePosition
    package var content: Content
}

extension Parameter {
    /// Reads the mapping `parameters`, in the order of the file.
    static func list(_ value: YAMLValue, subject: String) throws -> [Parameter] {
        let entries = try MappingReader.entries(of: value, subject: subject)
        guard !entries.isEmpty else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position, "\(subject) has no entries; name at least one parameter")
        }
        return try entries.map(Parameter.init)
    }

    private init(_ entry: YAMLValue.Entry) throws {
        guard Parameter.isName(entry.key) else {
            throw SweepDefinitionError(
                .invalidValue, at: entry.keyPosition,
                "'\(entry.key.prefix(60))' cannot name a parameter: use letters, digits, '_', '-' and '.', "
                    + "beginning with a letter or '_'")
        }
        name = entry.key
        position = entry.keyPosition
        let subject = "parameter '\(entry.key)'"
        switch entry.value.content {
        case .mapping: break
        case .sequence:
            throw SweepDefinitionError(
                .wrongType, at: entry.value.position, "\(subject) is a plain list; write {values: [...]}")
        case .scalar(let value):
            throw SweepDefinitionError(
                .wrongType, at: entry.value.position,
                "\(subject) is a plain value; write {value: \(value.label.prefix(60))}")
        }
        let reader = try MappingReader(entry.value, subject: subject, keys: Distribution.keys + ["parameters"])
        guard let nested = reader.value("parameters") else {
            content = .distribution(try Distribution(reader))
            return
        }
        if let other = Distribution.keys.first(where: reader.has) {
            throw SweepDefinitionError(
                .unknownKey, at: reader.keyPosition(other),
                "\(subject) nests other parameters, so it cannot have '\(other)' too")
        }
        content = .nested(try Parameter.list(nested, subject: "'parameters' of \(subject)"))
    }

    /// W&B's pattern: `^[A-Za-z_][A-Za-z0-9_.-]*$`.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && text.utf8.allSatisfy {
                isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || ".-".utf8.contains($0)
            }
    }
}
