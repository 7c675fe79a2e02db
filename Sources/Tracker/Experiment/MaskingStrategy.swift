/// How the input and target tokens of a sample are divided among modalities.
///
/// In a sweep file: `uniform`, `balanced`, or `{name: report, strategy: dirichlet, alphas: {image: 1, audio: 8}}`
/// (`input_alphas` and `target_alphas` where the two differ). Alphas are by modality name; those of modalities that a
/// run does not train on are not read.
package enum MaskingStrategy: Sendable, Hashable {
    /// Every token of the sample is equally likely: budgets are proportional to sequence lengths.
    case uniform
    /// Dirichlet with equal alphas of 1: the same expected budget for each modality, however long it is.
    case balanced
    case dirichlet(name: String?, inputAlphas: [String: Double], targetAlphas: [String: Double])

    /// What tables and legends call it.
    package var label: String {
        switch self {
        case .uniform: "uniform"
        case .balanced: "balanced"
        case .dirichlet(let name, _, _): name ?? "dirichlet"
        }
    }
}

extension MaskingStrategy {
    package init(_ value: JSONValue) throws(SettingsError) {
        switch value {
        case .string("uniform"): self = .uniform
        case .string("balanced"): self = .balanced
        case .string("dirichlet"):
            throw SettingsError(
                .invalidValue, "masking 'dirichlet' needs alphas: {strategy: dirichlet, alphas: {image: 1, audio: 8}}")
        case .string(let word):
            throw SettingsError(
                .invalidValue,
                "masking '\(word)' is not known; choose uniform, balanced or {strategy: dirichlet, alphas: ...}"
                    + didYouMean(word, among: ["uniform", "balanced", "dirichlet"]))
        case .object(let members): try self.init(members: members)
        default:
            throw SettingsError(.wrongType, "masking must be a name or a mapping with a strategy, not \(value.label)")
        }
    }

    private init(members: [String: JSONValue]) throws(SettingsError) {
        let known = ["name", "strategy", "alphas", "input_alphas", "target_alphas"]
        for key in members.keys.sorted() where !known.contains(key) {
            throw SettingsError(.unknownKey, "masking has no key '\(key)'\(didYouMean(key, among: known))")
        }
        guard case .string(let strategy)? = members["strategy"] else {
            throw SettingsError(.missingKey, "masking needs a strategy: uniform, balanced or dirichlet")
        }
        switch strategy {
        case "uniform": self = .uniform
        case "balanced": self = .balanced
        case "dirichlet":
            let common = try MaskingStrategy.alphas(members["alphas"], key: "alphas")
            guard let input = try MaskingStrategy.alphas(members["input_alphas"], key: "input_alphas") ?? common,
                let target = try MaskingStrategy.alphas(members["target_alphas"], key: "target_alphas") ?? common
            else {
                throw SettingsError(
                    .missingKey, "masking 'dirichlet' needs alphas by modality: alphas: {image: 1, audio: 8}")
            }
            let name: String? = if case .string(let text)? = members["name"] { text } else { nil }
            self = .dirichlet(name: name, inputAlphas: input, targetAlphas: target)
        default:
            throw SettingsError(
                .invalidValue,
                "masking strategy '\(strategy)' is not known"
                    + didYouMean(strategy, among: ["uniform", "balanced", "dirichlet"]))
        }
    }

    private static func alphas(_ value: JSONValue?, key: String) throws(SettingsError) -> [String: Double]? {
        guard let value else { return nil }
        guard case .object(let members) = value else {
            throw SettingsError(.wrongType, "masking \(key) must map modality names to numbers, not \(value.label)")
        }
        var result: [String: Double] = [:]
        for (modality, alpha) in members {
            guard let number = alpha.number, number > 0, number.isFinite else {
                throw SettingsError(
                    .invalidValue, "masking \(key) of \(modality) must be a number above 0, not \(alpha.label)")
            }
            result[modality] = number
        }
        return result
    }
}
