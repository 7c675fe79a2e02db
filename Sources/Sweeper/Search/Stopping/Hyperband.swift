import Experiment
import SweepDefinition

/// W&B's hyperband (hyperband_stopping.py): at certain lengths of the history a run goes on only if its value is among
/// the best 1/eta of those that came as far.
struct Hyperband: StoppingRule {
    /// Numbers of values, ascending.
    let bands: [Int]
    private let eta: Double
    private let isStrict: Bool
    private let goal: Goal

    init(_ settings: EarlyTermination.Hyperband, goal: Goal) {
        eta = settings.eta
        isStrict = settings.isStrict
        self.goal = goal
        switch settings.bands {
        case .upward(let first):
            bands = Array(
                sequence(first: Double(first)) { $0 * settings.eta }.prefix { $0 < 1e15 }.prefix(100).map(Int.init))
        case .downward(let last, let count):
            let lengths = sequence(first: Double(last) / settings.eta) { $0 / settings.eta }.prefix { $0 >= 1 }
            bands = lengths.prefix(count).map(Int.init).reversed()
        }
    }

    /// The running runs that should be stopped.
    func stops(_ curves: [RunCurve]) -> [String] {
        let sign: Double = goal == .maximize ? -1 : 1
        let thresholds = bands.map { band -> Double in
            let values = curves.filter { $0.values.count >= band }.map { loss(sign * $0.values[band - 1]) }.sorted()
            return values.isEmpty ? .infinity : values[min(values.count - 1, Int(Double(values.count) / eta))]
        }
        return curves.filter { curve in
            guard curve.isRunning, let reached = bands.lastIndex(where: { $0 <= curve.values.count }) else {
                return false
            }
            let values = curve.values.map { loss(sign * $0) }
            let value = isStrict ? values[bands[reached] - 1] : values.min() ?? .infinity
            return value > thresholds[reached]
        }.map(\.run)
    }

    /// What is not a number is worse than all that is, or a run that diverged could never be compared.
    private func loss(_ value: Double) -> Double { value.isNaN ? .infinity : value }
}
