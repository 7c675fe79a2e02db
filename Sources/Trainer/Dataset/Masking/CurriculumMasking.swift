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
