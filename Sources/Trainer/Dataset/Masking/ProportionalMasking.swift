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
