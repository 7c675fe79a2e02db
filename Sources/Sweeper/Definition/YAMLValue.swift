import Experiment

/// A YAML value that knows where it stands.
struct YAMLValue {
    enum Content {
        case scalar(JSONValue)
        case sequence([YAMLValue])
        /// In the order of the file, every key once.
        case mapping([Entry])
    }

    struct Entry {
        var key: String
        var keyPosition: SourcePosition
        var value: YAMLValue
    }

    var content: Content
    var position: SourcePosition

    var json: JSONValue {
        switch content {
        case .scalar(let value): value
        case .sequence(let items): .array(items.map(\.json))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.json) }) { first, _ in first })
        }
    }

    var isNull: Bool {
        if case .scalar(.null) = content { true } else { false }
    }

    /// What a person would call the value, for messages: `the text 'grid'`, `a list`.
    var spoken: String {
        switch content {
        case .scalar(.null): "nothing"
        case .scalar(.bool(let flag)): "\(flag)"
        case .scalar(.string(let text)): "the text '\(text.prefix(60))'"
        case .scalar(let number): "the number \(number.canonicalText)"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
