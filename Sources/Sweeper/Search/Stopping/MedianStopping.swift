import Experiment
import SweepDefinition

/// The median stopping rule (Golovin et al., Google Vizier, 2017, section 3.2.1): a run is stopped after s values if
/// the best of them is worse than the median, over the runs that are over and came as far, of the mean of their first
/// s values.
struct MedianStopping: StoppingRule {
    private let settings: EarlyTermination.Median
    private let sign: Double

    init(_ settings: EarlyTermination.Median, goal: Goal) {
        self.settings = settings
        sign = goal == .maximize ? -1 : 1
    }

    func stops(_ curves: [RunCurve]) -> [String] {
        let finished = curves.filter { !$0.isRunning }
        return curves.filter { curve in
            let count = curve.values.count
            guard curve.isRunning, count >= settings.first else { return false }
            let means = finished.compactMap { mean(of: $0, count) }.sorted()
            guard means.count >= settings.minimumRuns else { return false }
            return curve.best(of: count, sign: sign) > median(means)
        }.map(\.run)
    }

    /// Nil for a run that did not come as far, infinite for one that diverged on the way.
    private func mean(of curve: RunCurve, _ count: Int) -> Double? {
        guard curve.values.count >= count else { return nil }
        let values = curve.values.prefix(count)
        guard values.allSatisfy(\.isFinite) else { return .infinity }
        // Divided first: a sum of large values would overflow.
        return values.reduce(0) { $0 + sign * $1 / Double(count) }
    }

    private func median(_ sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        if !sorted.count.isMultiple(of: 2) { return sorted[middle] }
        return sorted[middle].isInfinite ? .infinity : (sorted[middle - 1] / 2 + sorted[middle] / 2)
    }
}
