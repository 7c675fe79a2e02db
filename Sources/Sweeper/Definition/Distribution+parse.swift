import Experiment

extension Distribution {
    /// The keys of all forms.
    static let keys = [
        "distribution", "value", "values", "probabilities", "min", "max", "q", "mu", "sigma", "a", "b",
    ]

    /// Reads the form that `reader`, a parameter's mapping, has: the one it names, or the one that its keys imply.
    init(_ reader: MappingReader) throws {
        let kind = try Distribution.kind(reader)
        let (required, optional) = kind.keys
        for key in Distribution.keys where key != "distribution" && reader.has(key) {
            guard (required + optional).contains(key) else {
                throw SweepDefinitionError(
                    .unknownKey, at: reader.keyPosition(key),
                    "'\(key)' does not belong to the distribution \(kind.rawValue), which takes "
                        + (required + optional).joined(separator: ", "))
            }
        }
        for key in required {
            _ = try reader.required(key, hint: "the distribution \(kind.rawValue) is defined by it")
        }
        var values: [Value] = []
        if let value = reader.value("value") { values = [Value(value.json, at: value.position)] }
        for value in try reader.list("values") ?? [] { values.append(Value(value.json, at: value.position)) }
        if required.contains("values"), values.isEmpty {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("values"),
                "'values' of \(reader.subject) is empty; list at least one value")
        }
        var numbers: [String: JSONValue] = [:]
        for key in ["min", "max", "q", "mu", "sigma", "a", "b"] where try reader.number(key) != nil {
            numbers[key] = reader.value(key)?.json
        }
        self.init(kind: kind, position: reader.position, values: values, numbers: numbers)
        try checkBounds(reader)
        try readProbabilities(reader)
    }

    private static func kind(_ reader: MappingReader) throws -> Kind {
        let names = Kind.allCases.map(\.rawValue)
        if let name = try reader.word("distribution", of: names), let kind = Kind(rawValue: name) { return kind }
        if reader.has("value") { return .constant }
        if reader.has("values") { return reader.has("probabilities") ? .categoricalWithProbabilities : .categorical }
        if let low = reader.value("min")?.json, let high = reader.value("max")?.json {
            if case (.int, .int) = (low, high) { return .intUniform }
            return .uniform
        }
        throw SweepDefinitionError(
            .missingKey, at: reader.position,
            "\(reader.subject) needs 'value', 'values', 'min' and 'max', a 'distribution' or nested 'parameters'")
    }

    private func checkBounds(_ reader: MappingReader) throws {
        if kind == .intUniform {
            for key in ["min", "max"] {
                guard case .int? = numbers[key] else {
                    throw reader.wrongType(key, try reader.required(key, hint: ""), "a whole number")
                }
            }
        }
        if let low = numbers["min"]?.number, let high = numbers["max"]?.number {
            guard low <= high else {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition("max"), "'max' of \(reader.subject) is below its 'min'")
            }
            if kind.takesLogarithm, low <= 0 {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition("min"),
                    "'min' of \(reader.subject) must be above 0, because its logarithm is taken")
            }
        }
        for key in ["q", "sigma", "a", "b"] {
            if let number = numbers[key]?.number, number <= 0 {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition(key), "'\(key)' of \(reader.subject) must be above 0")
            }
        }
    }

    private mutating func readProbabilities(_ reader: MappingReader) throws {
        guard let probabilities = try reader.list("probabilities") else { return }
        let numbers = probabilities.compactMap(\.json.number).filter { $0 >= 0 }
        guard numbers.count == values.count, numbers.count == probabilities.count,
            abs(numbers.reduce(0, +) - 1) < 1e-6
        else {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("probabilities"),
                "'probabilities' of \(reader.subject) must be one number for each of its values, with the sum 1")
        }
        self.probabilities = numbers
    }
}
