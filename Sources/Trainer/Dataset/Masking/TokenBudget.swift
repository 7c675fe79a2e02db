/// How many tokens of each modality a sample takes; the reference nano4M's way.
struct TokenBudget: Sendable, Hashable {
    enum Rule: Sendable, Hashable {
        /// Tokens drawn without replacement from all that are free: proportional to what each modality has left.
        case uniform
        /// Shares drawn from a Dirichlet distribution.
        case dirichlet(DirichletDistribution)
    }

    let rule: Rule

    /// Divides `count` tokens among modalities of which `available` are free.
    ///
    /// Dirichlet: floor(share * count) each; each token that rounding left over goes to the largest share of a fresh
    /// draw; then each is clamped to what is free, so the sum may be below `count`.
    func draw(_ count: Int, available: [Int], using generator: inout some RandomNumberGenerator) -> [Int] {
        switch rule {
        case .uniform:
            return TokenBudget.withoutReplacement(count, available: available, using: &generator)
        case .dirichlet(let distribution):
            var budget = distribution.draw(using: &generator).map { Int($0 * Double(count)) }
            for _ in 0..<max(0, count - budget.reduce(0, +)) {
                let shares = distribution.draw(using: &generator)
                if let largest = shares.indices.max(by: { shares[$0] < shares[$1] }) { budget[largest] += 1 }
            }
            return zip(budget, available).map { min($0, $1) }
        }
    }

    /// One draw of the multivariate hypergeometric distribution, token by token.
    private static func withoutReplacement(
        _ count: Int, available: [Int], using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        var left = available
        var total = left.reduce(0, +)
        for _ in 0..<min(count, total) {
            var pick = Int.random(in: 0..<total, using: &generator)
            let index = left.firstIndex { free in
                pick -= free
                return pick < 0
            }
            if let index { left[index] -= 1 }
            total -= 1
        }
        return zip(available, left).map { $0 - $1 }
    }
}
