import Glibc

/// The beta distribution on [0, 1].
struct BetaDistribution {
    /// Above 0, both.
    let a: Double
    let b: Double

    /// The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) and the symmetry
    /// I_x(a, b) = 1 - I_(1-x)(b, a), whichever converges fast.
    func cumulative(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        return x < (a + 1) / (a + b + 2)
            ? front * Self.fraction(x, a, b) / a : 1 - front * Self.fraction(1 - x, b, a) / b
    }

    /// The x whose cumulative probability is `p`, by bisection to the last bit.
    func quantile(_ p: Double) -> Double {
        guard p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        var (low, high) = (0.0, 1.0)
        while true {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { return middle }
            if cumulative(middle) < p { low = middle } else { high = middle }
        }
    }

    /// Evaluated from the front by Lentz's method as modified by Thompson and Barnett (1986).
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        func nonZero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
        var c = 1.0
        var d = 1 / nonZero(1 - (a + b) * x / (a + 1))
        var result = d
        for index in 1...1000 {
            let m = Double(index)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / nonZero(1 + term * d)
                c = nonZero(1 + term / c)
                result *= c * d
            }
            if abs(c * d - 1) < 1e-16 { break }
        }
        return result
    }
}
