import Glibc

/// Regression by a Gaussian process with a Matern 3/2 kernel; the length scale is the likeliest one.
///
/// Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1 and equation 4.17; the
/// settings are those of W&B's search.
struct GaussianProcess {
    /// What is added to the kernel's diagonal: observations are all but exact.
    static let noise = 1e-7
    private static let logBounds = (low: log(1e-5), high: log(1e5))

    private let points: [[Double]]
    private let lengthScale: Double
    private let factor: Cholesky
    /// Inverse of the kernel matrix times the standardised values.
    private let weights: [Double]
    private let mean: Double
    private let deviation: Double

    /// The best length scale lies at a bound: the points say nothing about the function's shape.
    let isDegenerate: Bool

    /// `points` and `values` have one length, at least 1.
    init(points: [[Double]], values: [Double]) {
        // Scaled first: sums of large values would overflow.
        let scale = max(values.lazy.map(abs).max() ?? 1, 1)
        let scaled = values.map { $0 / scale }
        let count = Double(values.count)
        let scaledMean = scaled.reduce(0, +) / count
        let variance = scaled.reduce(0) { $0 + ($1 - scaledMean) * ($1 - scaledMean) } / count
        let scaledDeviation = variance.squareRoot() + 1e-6 / scale
        mean = scaledMean * scale
        deviation = scaledDeviation * scale
        let targets = scaled.map { ($0 - scaledMean) / scaledDeviation }

        let distances = points.indices.map { row in (0...row).map { distance(points[row], points[$0]) } }
        func fit(_ logScale: Double) -> (factor: Cholesky, weights: [Double], likelihood: Double)? {
            let lengthScale = exp(logScale)
            let kernel = distances.map { $0.map { matern($0, lengthScale) } }
            guard let factor = Cholesky(lower: kernel, noise: GaussianProcess.noise) else { return nil }
            let weights = factor.solve(targets)
            let fit = zip(targets, weights).reduce(0) { $0 + $1.0 * $1.1 }
            return (factor, weights, -fit / 2 - factor.logDiagonal)
        }
        let bounds = GaussianProcess.logBounds
        let logScale = maximum(from: bounds.low, to: bounds.high) { fit($0)?.likelihood ?? -.infinity }
        lengthScale = exp(logScale)
        isDegenerate = logScale - bounds.low < 1e-3 || bounds.high - logScale < 1e-3
        self.points = points
        let best = fit(logScale)
        factor = best?.factor ?? Cholesky.empty
        weights = best?.weights ?? []
    }

    /// Mean and standard deviation at `point`, standardised: see ``value(_:)``.
    func predict(_ point: [Double]) -> (mean: Double, deviation: Double) {
        let kernel = points.map { matern(distance($0, point), lengthScale) }
        let mean = zip(kernel, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let reduced = factor.forward(kernel)
        let variance = 1 - reduced.reduce(0) { $0 + $1 * $1 }
        return (mean, max(0, variance).squareRoot())
    }

    /// A standardised value in the units of the observations.
    func value(_ standardised: Double) -> Double { standardised * deviation + mean }
    func standardised(_ value: Double) -> Double { (value - mean) / deviation }
}

/// Matern kernel of smoothness 3/2.
private func matern(_ distance: Double, _ lengthScale: Double) -> Double {
    let scaled = 3.0.squareRoot() * distance / lengthScale
    return (1 + scaled) * exp(-scaled)
}

private func distance(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for index in left.indices { sum += (left[index] - right[index]) * (left[index] - right[index]) }
    return sum.squareRoot()
}

/// Where `function` is largest: the best of 24 places, refined by golden sections between its neighbours.
private func maximum(from low: Double, to high: Double, _ function: (Double) -> Double) -> Double {
    let step = (high - low) / 23
    let grid = (0..<24).map { low + Double($0) * step }
    let values = grid.map(function)
    guard let best = values.indices.max(by: { values[$0] < values[$1] }) else { return low }
    guard best > 0, best < 23 else { return grid[best] }
    let golden = (5.0.squareRoot() - 1) / 2
    var (left, right) = (grid[best] - step, grid[best] + step)
    var (inner, outer) = (right - golden * (right - left), left + golden * (right - left))
    var (innerValue, outerValue) = (function(inner), function(outer))
    for _ in 0..<12 {
        if innerValue > outerValue {
            (right, outer, outerValue) = (outer, inner, innerValue)
            inner = right - golden * (right - left)
            innerValue = function(inner)
        } else {
            (left, inner, innerValue) = (inner, outer, outerValue)
            outer = left + golden * (right - left)
            outerValue = function(outer)
        }
    }
    return (left + right) / 2
}
