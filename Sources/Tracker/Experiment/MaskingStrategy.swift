/// How the input and target tokens of a sample are divided among modalities.
///
/// In a sweep file a name, or a mapping with a `strategy`, its options and, if tables shall call it otherwise, a `name`:
/// `uniform`, `balanced`, `{strategy: dirichlet, alphas: {image: 1, audio: 8}}` (`input_alphas` and `target_alphas` where
/// the two differ), `{strategy: mixture, of: [{weight: 1, alphas: ...}, ...]}`, `{strategy: proportional, temperature: 2}`,
/// `{strategy: span, modalities: [audio], base: balanced}`, `{strategy: curriculum, strength: 4, floor: 0.05}`. Alphas are
/// by modality name; those of modalities that a run does not train on are not read.
package struct MaskingStrategy: Sendable, Hashable {
    package let rule: Rule
    /// What tables and legends call it, if not by the rule's name.
    package let name: String?

    package init(_ rule: Rule, name: String? = nil) {
        self.rule = rule
        self.name = name
    }

    package var label: String { name ?? rule.name }

    package static let uniform = MaskingStrategy(.uniform)
    package static let balanced = MaskingStrategy(.balanced)
    package static func dirichlet(
        name: String?, inputAlphas: [String: Double], targetAlphas: [String: Double]
    ) -> MaskingStrategy {
        MaskingStrategy(.dirichlet(MaskingAlphas(inputs: inputAlphas, targets: targetAlphas)), name: name)
    }

    package indirect enum Rule: Sendable, Hashable {
        /// Every token of the sample is equally likely: budgets are proportional to sequence lengths.
        case uniform
        /// Dirichlet with equal alphas of 1: the same expected budget for each modality, however long it is.
        case balanced
        case dirichlet(MaskingAlphas)
        /// Each sample takes one of several Dirichlet distributions, by their weights (4M).
        case mixture([MaskingComponent])
        /// Expected budgets proportional to length^(1/temperature): 1 is proportional, a high one balanced.
        case proportional(temperature: Double)
        /// Budgets by `base`; of these modalities a run of neighbouring tokens is shown and a run beside it asked for.
        case span(modalities: [String], base: Rule)
        /// Budgets move towards modalities whose loss falls slower than the others'; `floor` is each one's least share.
        case curriculum(strength: Double, floor: Double)

        package var name: String {
            switch self {
            case .uniform: "uniform"
            case .balanced: "balanced"
            case .dirichlet: "dirichlet"
            case .mixture: "mixture"
            case .proportional: "proportional"
            case .span: "span"
            case .curriculum: "curriculum"
            }
        }
    }
}

/// Concentrations of a Dirichlet distribution over modalities, by modality name.
package struct MaskingAlphas: Sendable, Hashable {
    package let inputs: [String: Double]
    package let targets: [String: Double]

    package init(inputs: [String: Double], targets: [String: Double]) {
        self.inputs = inputs
        self.targets = targets
    }
}

/// One distribution of a mixture and how often it is taken, beside the others' weights.
package struct MaskingComponent: Sendable, Hashable {
    package let weight: Double
    package let alphas: MaskingAlphas

    package init(weight: Double, alphas: MaskingAlphas) {
        self.weight = weight
        self.alphas = alphas
    }
}
