import Experiment

/// Named values of parameters, as `presets: {masking: {report: {strategy: dirichlet, alphas: {...}}}}`: where a
/// parameter has the value `report`, it has that structure, and is still called `report`.
struct Presets {
    private var values: [String: [String: YAMLValue]] = [:]

    init(_ value: YAMLValue) throws {
        for group in try MappingReader.entries(of: value, subject: "'presets'") {
            let named = try MappingReader.entries(of: group.value, subject: "'presets' of '\(group.key.prefix(60))'")
            values[group.key] = Dictionary(named.map { ($0.key, $0.value) }) { first, _ in first }
        }
        positions = try MappingReader.entries(of: value, subject: "'presets'").map { ($0.key, $0.keyPosition) }
    }

    private let positions: [(name: String, position: SourcePosition)]

    /// A preset of something that is no parameter would silently do nothing.
    func check(_ names: [String]) throws {
        for (name, position) in positions where !names.contains(name) {
            throw SweepDefinitionError(
                .invalidValue, at: position,
                "'presets' has values for '\(name.prefix(60))', which is no parameter of this sweep"
                    + didYouMean(name, among: names))
        }
    }

    /// The value that `value` of the parameter stands for: itself where it names no preset.
    func resolve(_ value: JSONValue, of parameter: String) -> JSONValue {
        guard case .string(let name) = value, let preset = values[parameter]?[name]?.json else { return value }
        guard case .object(var members) = preset else { return preset }
        if members["name"] == nil { members["name"] = .string(name) }
        return .object(members)
    }
}
