import Glibc
import Tensor

/// Reproducible values around `shift`.
func noise(_ count: Int, seed: UInt64, shift: Double = 0) -> [Float] {
    var generator = Xoshiro256(seed: seed)
    return (0..<count).map { _ in Float(generator.normal() + shift) }
}

func referenceLayerNorm(_ x: some Collection<Double>, _ weight: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return zip(x, weight).map { ($0 - mean) / (variance + 1e-6).squareRoot() * $1 }
}

func referenceLayerNorm(_ x: some Collection<Float>, _ weight: [Float]) -> [Double] {
    referenceLayerNorm(x.map(Double.init), weight.map(Double.init))
}

func referenceSoftmax(_ x: [Double]) -> [Double] {
    let maximum = x.max() ?? 0
    let exponentials = x.map { exp($0 - maximum) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
}

func referenceGELU(_ x: Double) -> Double { x * 0.5 * (1 + erf(x / 2.0.squareRoot())) }

/// The gradient of `loss` at `point`, by central differences.
func slope(_ point: [Double], _ loss: ([Double]) -> Double) -> [Double] {
    let step = 1e-5
    return point.indices.map { index in
        var (above, below) = (point, point)
        above[index] += step
        below[index] -= step
        return (loss(above) - loss(below)) / (2 * step)
    }
}

/// Largest difference, as a share of the largest expected magnitude or of 1; infinite for NaN.
func error(_ actual: some Collection<Float>, _ expected: [Double]) -> Double {
    let differences = zip(actual, expected).map { abs(Double($0) - $1) }
    guard actual.count == expected.count, differences.allSatisfy(\.isFinite) else { return .infinity }
    return (differences.max() ?? 0) / max(1, expected.map(abs).max() ?? 0)
}

extension Array {
    subscript(row row: Int, columns: Int) -> ArraySlice<Element> { self[(row * columns)..<((row + 1) * columns)] }
}

extension [Double] {
    func weighted(by weights: [Float]) -> Double { zip(self, weights).reduce(0) { $0 + $1.0 * Double($1.1) } }
}
