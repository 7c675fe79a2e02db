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
    /// The parameter exists only where this holds.
    package var condition: Predicate?
}

extension Parameter {
    /// Whether it can have more than one value.
    package var varies: Bool {
        switch content {
        case .distribution(let distribution):
            distribution.kind != .constant && (distribution.values.isEmpty || distribution.values.count > 1)
        case .nested(let children): children.contains(where: \.varies)
        }
    }

    /// Reads the mapping `parameters`, in the order of the file; `seeds` adds the parameter `seed`.
    static func list(_ value: YAMLValue, presets: Presets?, seeds: YAMLValue?) throws -> [Parameter] {
        let entries = try entries(value, subject: "'parameters'")
        var parameters = try entries.map { try Parameter($0, isNested: false) }
        if let seeds { parameters.append(try seed(seeds, beside: parameters)) }
        if let presets {
            try presets.check(parameters.map(\.name))
            for index in parameters.indices { parameters[index].resolve(presets) }
        }
        let names = paths(of: parameters)
        for (index, entry) in entries.enumerated() {
            guard case .mapping(let members) = entry.value.content,
                let condition = members.first(where: { $0.key == "when" })
            else { continue }
            parameters[index].condition = try PredicateParser.parse(condition.value, key: "when", names: names)
            try checkAcyclic(parameters, at: condition.keyPosition)
        }
        return parameters
    }

    /// Every parameter by its dotted name, those that nest others included, with the names that lead to it.
    static func paths(of parameters: [Parameter], below path: [String] = []) -> [String: [String]] {
        var paths: [String: [String]] = [:]
        for parameter in parameters {
            let here = path + [parameter.name]
            paths[here.joined(separator: ".")] = here
            if case .nested(let children) = parameter.content {
                paths.merge(Parameter.paths(of: children, below: here)) { first, _ in first }
            }
        }
        return paths
    }

    private static func entries(_ value: YAMLValue, subject: String) throws -> [YAMLValue.Entry] {
        let entries = try MappingReader.entries(of: value, subject: subject)
        guard !entries.isEmpty else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position, "\(subject) has no entries; name at least one parameter")
        }
        return entries
    }

    /// `seeds: 3` are the seeds 0, 1 and 2; `seeds: [7, 11]` are those.
    private static func seed(_ value: YAMLValue, beside parameters: [Parameter]) throws -> Parameter {
        if let other = parameters.first(where: { $0.name == "seed" }) {
            throw SweepDefinitionError(
                .duplicateKey, at: value.position,
                "'seeds' adds the parameter 'seed', which line \(other.position.line) names already; keep one")
        }
        let values: [Distribution.Value]
        switch value.content {
        case .scalar(.int(let count)) where (1...10_000).contains(count):
            values = (0..<count).map { Distribution.Value(.int($0), at: value.position) }
        case .sequence(let items) where !items.isEmpty:
            values = try items.map { item in
                guard case .scalar(.int) = item.content else {
                    throw SweepDefinitionError(
                        .wrongType, at: item.position, "'seeds' lists whole numbers, not \(item.spoken)")
                }
                return Distribution.Value(item.json, at: item.position)
            }
        default:
            throw SweepDefinitionError(
                .wrongType, at: value.position,
                "'seeds' must be how many (1 to 10000) or a list of whole numbers, not \(value.spoken)")
        }
        return Parameter(
            name: "seed", position: value.position,
            content: .distribution(
                Distribution(kind: .categorical, position: value.position, values: values, numbers: [:])))
    }

    private mutating func resolve(_ presets: Presets) {
        guard case .distribution(var distribution) = content else { return }
        for index in distribution.values.indices {
            distribution.values[index].value = presets.resolve(distribution.values[index].value, of: name)
        }
        content = .distribution(distribution)
    }

    /// Whether a parameter exists must not depend on itself, by whatever detour.
    private static func checkAcyclic(_ parameters: [Parameter], at position: SourcePosition) throws {
        let needs = Dictionary(
            parameters.compactMap { parameter in parameter.condition.map { (parameter.name, $0.parameters) } }
        ) { first, _ in first }
        for name in needs.keys.sorted() {
            var seen: Set<String> = []
            var open = needs[name] ?? []
            while let next = open.popFirst() {
                guard next != name else {
                    throw SweepDefinitionError(
                        .invalidValue, at: position, "'when' of '\(name)' depends on '\(name)' itself; break the circle"
                    )
                }
                if seen.insert(next).inserted { open.formUnion(needs[next] ?? []) }
            }
        }
    }

    private init(_ entry: YAMLValue.Entry, isNested: Bool) throws {
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
        let reader = try MappingReader(
            entry.value, subject: subject, keys: Distribution.keys + ["parameters", "when"])
        if isNested, reader.has("when") {
            throw SweepDefinitionError(
                .unsupported, at: reader.keyPosition("when"),
                "'when' belongs to parameters of the top level; put it on the one that nests \(subject)")
        }
        guard let nested = reader.value("parameters") else {
            content = .distribution(try Distribution(reader))
            return
        }
        if let other = Distribution.keys.first(where: reader.has) {
            throw SweepDefinitionError(
                .unknownKey, at: reader.keyPosition(other),
                "\(subject) nests other parameters, so it cannot have '\(other)' too")
        }
        content = .nested(
            try Parameter.entries(nested, subject: "'parameters' of \(subject)").map {
                try Parameter($0, isNested: true)
            })
    }

    /// What a person should know of forms that are easily misread.
    func warnings(within path: String) -> [String] {
        switch content {
        case .nested(let children): return children.flatMap { $0.warnings(within: "\(path)\(name).") }
        case .distribution(let distribution):
            guard let values = distribution.kind.formOfValues else { return [] }
            return [
                "\(path)\(name) uses \(distribution.kind.rawValue), where min/max specify base-e "
                    + "exponents. Use \(values.rawValue) to specify limit values."
            ]
        }
    }

    /// W&B's pattern: `^[A-Za-z_][A-Za-z0-9_.-]*$`.
    static func isName(_ text: String) -> Bool {
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

extension Distribution.Kind {
    /// For the forms whose bounds are exponents: the form that takes values instead.
    fileprivate var formOfValues: Distribution.Kind? {
        switch self {
        case .logUniform: .logUniformValues
        case .qLogUniform: .qLogUniformValues
        case .invLogUniform: .invLogUniformValues
        default: nil
        }
    }
}
