import Glibc

/// How much of normal densities of one deviation lies in [0, 1]: what makes a kernel's integral 1.
struct KernelMass {
    private let deviation: Double
    /// Log of the integral over all numbers.
    private let whole: Double
    /// What was asked for last, by some bits of the mean: many parameters have few values.
    private var known = [(mean: Double, log: Double)](repeating: (.nan, 0), count: 64)

    init(_ deviation: Double) {
        self.deviation = deviation
        whole = Glibc.log(deviation) + 0.918938533204672742  // log √2π
    }

    /// Log of the integral over [0, 1] of exp(-(x - mean)² / 2 deviation²).
    mutating func log(around mean: Double) -> Double {
        let bits = mean.bitPattern
        let place = Int(truncatingIfNeeded: (bits ^ bits >> 32 ^ bits >> 47) & 63)
        if known[place].mean == mean { return known[place].log }
        let log = calculated(mean)
        known[place] = (mean, log)
        return log
    }

    private func calculated(_ mean: Double) -> Double {
        // What lies beyond nine deviations is less than a Double can tell from nothing.
        let (below, above) = (mean / deviation, (1 - mean) / deviation)
        if below > 9, above > 9 { return whole }
        let high = above > 9 ? 1 : NormalDistribution.cumulative(above)
        return whole + Glibc.log(below > 9 ? high : high - NormalDistribution.cumulative(-below))
    }
}
