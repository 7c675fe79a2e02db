/// A masking strategy's part that says how the tokens of a sample are divided among modalities.
protocol MaskingRule: Sendable {
    /// How one sample's inputs and targets are divided. `progress` is the training's, for rules that follow it.
    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget)
}

/// Every token of the sample is equally likely.
struct UniformMasking: MaskingRule {
    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        (TokenBudget(rule: .uniform), TokenBudget(rule: .uniform))
    }
}

/// Shares drawn from a Dirichlet distribution, one for inputs and one for targets: the reference's.
struct DirichletMasking: MaskingRule {
    let inputs: TokenBudget
    let targets: TokenBudget

    init(inputs: [Double], targets: [Double]) {
        self.inputs = TokenBudget(rule: .dirichlet(DirichletDistribution(alphas: inputs)))
        self.targets = TokenBudget(rule: .dirichlet(DirichletDistribution(alphas: targets)))
    }

    /// The same expected budget for each modality.
    static func balanced(_ modalities: Int) -> DirichletMasking {
        let alphas = [Double](repeating: 1, count: modalities)
        return DirichletMasking(inputs: alphas, targets: alphas)
    }

    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        (inputs, targets)
    }
}

/// Each sample takes one of several Dirichlet distributions: 4M's mixture of alphas.
struct MixtureMasking: MaskingRule {
    let parts: [(weight: Double, masking: DirichletMasking)]

    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        var left = Double.random(in: 0..<1, using: &generator) * parts.reduce(0) { $0 + $1.weight }
        let part = parts.first { part in
            left -= part.weight
            return left < 0
        }
        let masking = (part ?? parts[parts.count - 1]).masking
        return (masking.inputs, masking.targets)
    }
}

/// Expected budgets proportional to length^(1/temperature), so that long sequences lead, but by less.
///
/// Shares are drawn from the Dirichlet distribution with those means and a mean concentration of 1, as balanced has.
struct ProportionalMasking: MaskingRule {
    private let masking: DirichletMasking

    init(lengths: [Int], temperature: Double) {
        // Relative to the longest, so that a low temperature does not overflow.
        let longest = Double(lengths.max() ?? 1)
        let weights = lengths.map { max(1e-12, power(Double($0) / longest, 1 / temperature)) }
        let sum = weights.reduce(0, +)
        let alphas = weights.map { $0 / sum * Double(lengths.count) }
        masking = DirichletMasking(inputs: alphas, targets: alphas)
    }

    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        masking.choose(progress, using: &generator)
    }
}

/// Budgets that move towards modalities whose loss falls slower than the others'; balanced before anything is known.
struct CurriculumMasking: MaskingRule {
    let modalities: Int
    let strength: Double
    let floor: Double

    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        guard let progress else { return DirichletMasking.balanced(modalities).choose(nil, using: &generator) }
        let alphas = progress.shares(modalities, strength: strength, floor: floor).map { $0 * Double(modalities) }
        return DirichletMasking(inputs: alphas, targets: alphas).choose(nil, using: &generator)
    }
}
