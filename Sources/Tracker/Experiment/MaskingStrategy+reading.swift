extension MaskingStrategy {
    package static let names = ["uniform", "balanced", "dirichlet", "mixture", "proportional", "span", "curriculum"]

    package init(_ value: JSONValue) throws(SettingsError) {
        switch value {
        case .string(let word): self.init(try MaskingStrategy.rule(word, Members([:])))
        case .object(let members): try self.init(members: members)
        default:
            throw SettingsError(.wrongType, "masking must be a name or a mapping with a strategy, not \(value.label)")
        }
    }

    private init(members: [String: JSONValue]) throws(SettingsError) {
        guard case .string(let strategy)? = members["strategy"] else {
            throw SettingsError(
                .missingKey, "masking needs a strategy: \(MaskingStrategy.names.joined(separator: ", "))")
        }
        let name: String? = if case .string(let text)? = members["name"] { text } else { nil }
        self.init(try MaskingStrategy.rule(strategy, Members(members)), name: name)
    }

    private static func rule(_ word: String, _ members: Members) throws(SettingsError) -> Rule {
        switch word {
        case "uniform":
            try members.allow([])
            return .uniform
        case "balanced":
            try members.allow([])
            return .balanced
        case "dirichlet":
            try members.allow(["alphas", "input_alphas", "target_alphas"])
            return .dirichlet(try members.alphas(of: word))
        case "mixture":
            try members.allow(["of"])
            return .mixture(try members.components())
        case "proportional":
            try members.allow(["temperature"])
            return .proportional(temperature: try members.reader.number("temperature", in: 0.1...1000) ?? 2)
        case "span":
            try members.allow(["modalities", "base"])
            return .span(modalities: try members.names("modalities") ?? ["audio"], base: try base(members))
        case "curriculum":
            try members.allow(["strength", "floor"])
            return .curriculum(
                strength: try members.reader.number("strength", in: 0...100) ?? 4,
                floor: try members.reader.number("floor", in: 0...1) ?? 0.05)
        default:
            throw SettingsError(
                .invalidValue,
                "masking '\(word)' is not known; choose \(names.dropLast().joined(separator: ", ")) or "
                    + "\(names.last ?? "")\(didYouMean(word, among: names))")
        }
    }

    private static func base(_ members: Members) throws(SettingsError) -> Rule {
        guard let value = members.reader.value("base") else { return .balanced }
        let base = try MaskingStrategy(value).rule
        switch base {
        case .span, .curriculum:
            throw SettingsError(.invalidValue, "masking span cannot have the base \(base.name); choose balanced, say")
        default: return base
        }
    }
}

/// The members of a masking's mapping.
private struct Members {
    let values: [String: JSONValue]
    let reader: ConfigReader

    init(_ values: [String: JSONValue]) {
        self.values = values
        reader = ConfigReader(values)
    }

    func allow(_ keys: [String]) throws(SettingsError) {
        let known = ["name", "strategy"] + keys
        for key in values.keys.sorted() where !known.contains(key) {
            throw SettingsError(.unknownKey, "masking has no key '\(key)'\(didYouMean(key, among: known))")
        }
    }

    func names(_ key: String) throws(SettingsError) -> [String]? {
        guard let value = reader.value(key) else { return nil }
        guard case .array(let items) = value, !items.isEmpty else {
            throw SettingsError(.wrongType, "masking \(key) must be a list of modality names, not \(value.label)")
        }
        var names: [String] = []
        for item in items {
            guard case .string(let name) = item else {
                throw SettingsError(.wrongType, "masking \(key) must name modalities, not \(item.label)")
            }
            names.append(name)
        }
        return names
    }

    func alphas(of word: String) throws(SettingsError) -> MaskingAlphas {
        let common = try alphas("alphas")
        guard let inputs = try alphas("input_alphas") ?? common, let targets = try alphas("target_alphas") ?? common
        else {
            throw SettingsError(
                .missingKey, "masking '\(word)' needs alphas by modality: alphas: {image: 1, audio: 8}")
        }
        return MaskingAlphas(inputs: inputs, targets: targets)
    }

    func components() throws(SettingsError) -> [MaskingComponent] {
        guard case .array(let items)? = values["of"], !items.isEmpty else {
            throw SettingsError(
                .missingKey, "masking 'mixture' needs its parts: of: [{weight: 1, alphas: {image: 1, audio: 8}}]")
        }
        var components: [MaskingComponent] = []
        for item in items {
            guard case .object(let values) = item else {
                throw SettingsError(.wrongType, "a part of masking 'mixture' must be a mapping, not \(item.label)")
            }
            let members = Members(values)
            try members.allow(["weight", "alphas", "input_alphas", "target_alphas"])
            components.append(
                MaskingComponent(
                    weight: try members.reader.number("weight", in: 1e-9...1e9) ?? 1,
                    alphas: try members.alphas(of: "mixture")))
        }
        return components
    }

    private func alphas(_ key: String) throws(SettingsError) -> [String: Double]? {
        guard let value = values[key] else { return nil }
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
