/// Every token of the sample is equally likely.
struct UniformMasking: MaskingRule {
    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget) {
        (TokenBudget(rule: .uniform), TokenBudget(rule: .uniform))
    }
}
