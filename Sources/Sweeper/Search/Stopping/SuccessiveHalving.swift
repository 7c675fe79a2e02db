import Experiment
import SweepDefinition

/// Asynchronous successive halving (Li et al., A System for Massively Parallel Hyperparameter Tuning, 2020,
/// algorithm 2) in its stopping form: a run that has come to a rung goes on only while it is among the best 1/eta of
/// all runs that have come as far.
///
/// A run is judged at the highest rung it has reached, by its best value up to there. At least one run may go on from
/// each rung: the first to come to it need not wait for others, which is what makes the method asynchronous. Runs that
/// are equally good are treated alike.
struct SuccessiveHalving: StoppingRule {
    /// Numbers of values, ascending: min_iter * eta^k, below max_iter.
    let rungs: [Int]
    private let eta: Double
    private let sign: Double

    init(_ settings: EarlyTermination.SuccessiveHalving, goal: Goal) {
        eta = settings.eta
        sign = goal == .maximize ? -1 : 1
        let last = Double(settings.last ?? .max)
        rungs = sequence(first: Double(settings.first)) { $0 * settings.eta }
            .prefix { $0 < min(last, 1e15) }.prefix(100).map(Int.init)
    }

    func stops(_ curves: [RunCurve]) -> [String] {
        // By rung: the values of all that came so far, the best first.
        let values = rungs.map { rung in
            curves.filter { $0.values.count >= rung }.map { $0.best(of: rung, sign: sign) }.sorted()
        }
        return curves.filter { curve in
            guard curve.isRunning, let reached = rungs.lastIndex(where: { $0 <= curve.values.count }) else {
                return false
            }
            let others = values[reached]
            let places = max(1, Int(Double(others.count) / eta))
            return curve.best(of: rungs[reached], sign: sign) > others[places - 1]
        }.map(\.run)
    }
}
