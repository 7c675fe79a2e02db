package import SweepDefinition
package import Experiment

/// W&B's hyperband (hyperband_stopping.py): at certain lengths of the history a run goes on only if its value is among
/// the best 1/eta of those that came as far.
package struct Hyperband: Sendable {
    /// A run's values of the metric, in the order of logging; finite ones only.
    package struct Curve: Sendable, Hashable {
        package var run: String
        package var isRunning: Bool
        package var values: [Double]

        package init(run: String, isRunning: Bool, values: [Double]) {
            self.run = run
            self.isRunning = isRunning
            self.values = values
        }
    }

    /// Numbers of values, ascending.
    package let bands: [Int]
    private let eta: Double
    private let isStrict: Bool
    private let goal: Goal

    package init(_ settings: EarlyTermination, goal: Goal) {
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
    package func stops(_ curves: [Curve]) -> [String] {
        let sign: Double = goal == .maximize ? -1 : 1
        let thresholds = bands.map { band -> Double in
            let values = curves.filter { $0.values.count >= band }.map { sign * $0.values[band - 1] }.sorted()
            return values.isEmpty ? .infinity : values[min(values.count - 1, Int(Double(values.count) / eta))]
        }
        return curves.filter { curve in
            guard curve.isRunning, let reached = bands.lastIndex(where: { $0 <= curve.values.count }) else {
                return false
            }
            let values = curve.values.map { sign * $0 }
            let value = isStrict ? values[bands[reached] - 1] : values.min() ?? .infinity
            return value > thresholds[reached]
        }.map(\.run)
    }
}
