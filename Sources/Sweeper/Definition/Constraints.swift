package import Experiment

/// Which combinations of the parameters belong to the sweep.
package struct Constraints: Sendable, Hashable {
    /// Groups of parameters that advance together, the first with the first and so on.
    package var zips: [[String]]
    /// Combinations for which one of these holds are left out.
    package var excludes: [Predicate]
    /// Combinations for which one of these does not hold are left out.
    package var requires: [Predicate]

    package init(zips: [[String]] = [], excludes: [Predicate] = [], requires: [Predicate] = []) {
        self.zips = zips
        self.excludes = excludes
        self.requires = requires
    }

    package var isEmpty: Bool { zips.isEmpty && excludes.isEmpty && requires.isEmpty }

    package func allow(_ config: [String: JSONValue]) -> Bool {
        !excludes.contains { $0.evaluate(config) == true } && !requires.contains { $0.evaluate(config) == false }
    }
}

extension Constraints {
    init(_ reader: MappingReader, parameters: [Parameter]) throws {
        let names = Parameter.paths(of: parameters)
        func predicates(_ key: String) throws -> [Predicate] {
            guard let value = reader.value(key) else { return [] }
            guard case .sequence(let items) = value.content else {
                return [try PredicateParser.parse(value, key: key, names: names)]
            }
            return try items.map { try PredicateParser.parse($0, key: key, names: names) }
        }
        excludes = try predicates("exclude")
        requires = try predicates("require")
        zips = try Constraints.zips(reader.value("zip"), reader, parameters: parameters)
    }

    /// `zip: [lr, warmup]`, or a list of such groups.
    private static func zips(
        _ value: YAMLValue?, _ reader: MappingReader, parameters: [Parameter]
    ) throws -> [[String]] {
        guard let value else { return [] }
        guard case .sequence(let items) = value.content, !items.isEmpty else {
            throw reader.wrongType("zip", value, "a list of parameters that advance together, as [dim, head_dim]")
        }
        let isNested = if case .sequence = items[0].content { true } else { false }
        var taken: Set<String> = []
        return try (isNested ? items : [value]).map { try group($0, parameters: parameters, taken: &taken) }
    }

    private static func group(
        _ value: YAMLValue, parameters: [Parameter], taken: inout Set<String>
    ) throws -> [String] {
        guard case .sequence(let items) = value.content, items.count >= 2 else {
            throw SweepDefinitionError(
                .wrongType, at: value.position, "a group of 'zip' lists two or more parameters, as [dim, head_dim]")
        }
        var names: [String] = []
        var length: Int?
        for item in items {
            guard case .scalar(.string(let name)) = item.content,
                let parameter = parameters.first(where: { $0.name == name })
            else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'zip' lists parameters of the top level, and \(item.spoken) is none"
                        + didYouMean(item.json.label, among: parameters.map(\.name)))
            }
            guard taken.insert(name).inserted else {
                throw SweepDefinitionError(.invalidValue, at: item.position, "'\(name)' is in 'zip' twice; keep one")
            }
            guard case .distribution(let distribution) = parameter.content, distribution.kind == .categorical,
                parameter.condition == nil
            else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position, "'\(name)' can be zipped only with plain 'values' and no 'when'")
            }
            if let length, length != distribution.values.count {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'\(name)' has \(distribution.values.count) values and '\(names[0])' \(length); zipped "
                        + "parameters need equally many")
            }
            length = distribution.values.count
            names.append(name)
        }
        return names
    }
}
