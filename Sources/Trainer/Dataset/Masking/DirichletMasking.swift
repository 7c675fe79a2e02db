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
