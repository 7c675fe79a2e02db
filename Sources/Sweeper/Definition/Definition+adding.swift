package import Experiment

extension Definition {
    /// `text` with more values for some parameters, by name; what is nested has a dotted name. All else stays as it was
    /// written, comments included.
    ///
    /// Throws `SweepDefinitionError` where a parameter is not there or is no list of values.
    package static func adding(
        _ values: [(name: String, values: [JSONValue])], to text: String, file: String
    ) throws -> String {
        try values.reduce(text) { text, addition in
            try adding(addition.values, to: addition.name, in: text, file: file)
        }
    }

    /// Values as one writes them in a YAML list, without its brackets: `0.3, 0.5`, `adam`, `{p: 1}`.
    package static func values(_ text: String, of name: String) throws -> [JSONValue] {
        let value = try? YAMLReader.read("[\(text)]", file: name)
        guard case .sequence(let items)? = value?.content, !items.isEmpty else {
            throw SweepDefinitionError(
                .syntax, at: SourcePosition(file: "--values \(name)", line: 1, column: 1),
                "'\(text.prefix(60))' is not a list of values; write them as in 0.3,0.5")
        }
        return items.map(\.json)
    }

    private static func adding(
        _ values: [JSONValue], to name: String, in text: String, file: String
    ) throws -> String {
        let start = SourcePosition(file: file, line: 1, column: 1)
        let empty = YAMLValue(content: .mapping([]), position: start)
        let root = try YAMLReader.read(text, file: file) ?? empty
        let parameters = root.member("parameters")?.value ?? empty
        guard let (path, members) = members(of: name, in: parameters, path: ["parameters"]) else {
            let names = Parameter.dottedNames(in: parameters)
            throw SweepDefinitionError(
                .unknownKey, at: parameters.position,
                "the sweep has no parameter '\(name.prefix(60))'\(didYouMean(name, among: names))")
        }
        guard let entry = members.member("values") ?? members.member("value") else {
            throw SweepDefinitionError(
                .unsupported, at: members.position,
                "parameter '\(name)' has no list of values to add to; change its bounds in a file")
        }
        let old: [JSONValue] =
            if case .sequence(let items) = entry.value.content { items.map(\.json) } else {
                [entry.value.json]
            }
        let known = Set(old.map(\.canonicalText))
        let added = values.filter { !known.contains($0.canonicalText) }
        guard !added.isEmpty else { return text }
        let expected = root.json.replacing(path, entry.key, by: added + old)
        // An edit of text is right where the edited text says what it should, and only there.
        for edited in YAMLEdit(text: text, entry: entry).adding(added) {
            if let json = try? YAMLReader.read(edited, file: file)?.json, json.text == expected.text { return edited }
        }
        throw SweepDefinitionError(
            .unsupported, at: entry.keyPosition,
            "the values of '\(name)' are written in a form that is not added to; write them into a file and give that")
    }

    /// The mapping of the parameter called `name`, with the keys that lead to it.
    private static func members(
        of name: String, in parameters: YAMLValue, path: [String]
    ) -> (path: [String], members: YAMLValue)? {
        guard case .mapping(let entries) = parameters.content else { return nil }
        for entry in entries {
            if entry.key == name { return (path + [entry.key], entry.value) }
            guard name.hasPrefix(entry.key + "."), let nested = entry.value.member("parameters")?.value else {
                continue
            }
            let rest = String(name.dropFirst(entry.key.count + 1))
            if let found = members(of: rest, in: nested, path: path + [entry.key, "parameters"]) { return found }
        }
        return nil
    }
}

extension Parameter {
    /// Of what has values, for suggestions.
    fileprivate static func dottedNames(in parameters: YAMLValue) -> [String] {
        guard case .mapping(let entries) = parameters.content else { return [] }
        return entries.flatMap { entry in
            entry.value.member("parameters").map { nested in
                dottedNames(in: nested.value).map { "\(entry.key).\($0)" }
            } ?? [entry.key]
        }
    }
}

extension YAMLValue {
    fileprivate func member(_ key: String) -> Entry? {
        if case .mapping(let entries) = content { entries.first { $0.key == key } } else { nil }
    }
}

extension JSONValue {
    /// The value with the member `key` of the object at `path` gone and `values` in its place.
    fileprivate func replacing(_ path: [String], _ key: String, by values: [JSONValue]) -> JSONValue {
        guard case .object(var members) = self else { return self }
        if let first = path.first {
            members[first] = members[first]?.replacing(Array(path.dropFirst()), key, by: values)
        } else {
            members[key] = nil
            members["values"] = .array(values)
        }
        return .object(members)
    }
}
