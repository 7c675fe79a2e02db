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
