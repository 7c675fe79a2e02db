package import SweepDefinition
import Experiment

/// Which running runs of a sweep are not worth their time: a function of the curves alone, so that the same record
/// gives the same answer, in whatever order its runs are listed.
package struct EarlyStopping: Sendable {
    private let rule: any StoppingRule
    /// The metric whose curves decide: with several objectives the first.
    package let metric: String

    /// Nil where the definition stops no run early.
    package init?(_ definition: Definition) {
        guard let settings = definition.earlyTermination, let objective = definition.objectives.first else {
            return nil
        }
        metric = objective.name
        rule = EarlyStopping.rule(settings, goal: objective.goal)
    }

    private static func rule(_ settings: EarlyTermination, goal: Goal) -> any StoppingRule {
        switch settings {
        case .hyperband(let settings): Hyperband(settings, goal: goal)
        case .successiveHalving(let settings): SuccessiveHalving(settings, goal: goal)
        case .median(let settings): MedianStopping(settings, goal: goal)
        }
    }

    /// The running runs that should be stopped, in the order of `curves`.
    package func stops(_ curves: [RunCurve]) -> [String] { rule.stops(curves) }
}

/// A way to tell early that a run will not be among the good ones.
protocol StoppingRule: Sendable {
    func stops(_ curves: [RunCurve]) -> [String]
}
