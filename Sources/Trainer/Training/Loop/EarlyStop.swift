package import Experiment

/// Ends a run when its metric has reached the target, or has not improved for too many evaluations.
package final class EarlyStop: TrainingListener {
    private let options: TrainingOptions

    /// Nil if the settings ask for none.
    package init?(_ options: TrainingOptions) {
        guard options.earlyStopPatience > 0 || options.earlyStopTarget != nil else { return nil }
        self.options = options
    }

    package func handle(_ event: TrainingEvent) -> TrainingEvent? {
        guard case .settled(let place) = event, !place.isLast, let best = place.position.bestMetric else { return nil }
        let (step, metric) = (place.position.step, options.earlyStopMetric)
        if let target = options.earlyStopTarget, !options.earlyStopGoal.isBetter(target, than: best) {
            return .endedEarly(step: step, reason: "\(metric) \(best.formatted(4)) has reached \(target)")
        }
        let count = place.position.evaluationsSinceBest ?? 0
        if options.earlyStopPatience > 0, count >= options.earlyStopPatience {
            let side = options.earlyStopGoal == .minimize ? "below" : "above"
            return .endedEarly(
                step: step, reason: "\(metric) has not been \(side) \(best.formatted(4)) for \(count) evaluations")
        }
        return nil
    }
}
