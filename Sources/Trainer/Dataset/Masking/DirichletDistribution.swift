import Glibc

/// The Dirichlet distribution, drawn as normalised gamma variates (Marsaglia and Tsang, 2000).
struct DirichletDistribution: Sendable, Hashable {
    /// Concentrations, each above 0.
    let alphas: [Double]

    func draw(using generator: inout some RandomNumberGenerator) -> [Double] {
        let logs = alphas.map { DirichletDistribution.logGamma(shape: $0, using: &generator) }
        // Variates of tiny alphas underflow; their logarithms do not, and the largest becomes exactly 1.
        let largest = logs.max() ?? 0
        let weights = logs.map { exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// The logarithm of a Gamma(shape, 1) variate.
    private static func logGamma(shape: Double, using generator: inout some RandomNumberGenerator) -> Double {
        guard shape >= 1 else {
            // Gamma(a) = Gamma(a + 1) * U^(1/a)
            let boost = log(uniform(using: &generator)) / shape
            // The smallest alphas overflow even so; minus infinity would make NaN of the largest beside itself.
            return max(-.greatestFiniteMagnitude, logGamma(shape: shape + 1, using: &generator) + boost)
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal(using: &generator)
            let v = 1 + c * x
            guard v > 0 else { continue }
            let cube = v * v * v
            if log(uniform(using: &generator)) < 0.5 * x * x + d - d * cube + d * log(cube) { return log(d * cube) }
        }
    }

    /// Uniform in (0, 1].
    private static func uniform(using generator: inout some RandomNumberGenerator) -> Double {
        Double(generator.next() >> 11 + 1) * 0x1p-53
    }

    private static func normal(using generator: inout some RandomNumberGenerator) -> Double {
        let radius = (-2 * log(uniform(using: &generator))).squareRoot()
        return radius * cos(2 * .pi * uniform(using: &generator))
    }
}
