package import Experiment
package import FoundationEssentials

/// Turns training events into metric rows.
package final class MetricLogger: TrainingListener {
    private let log: (RunRecord) -> Void
    private let now: () -> Date

    package init(log: @escaping (RunRecord) -> Void, now: @escaping () -> Date = { Date() }) {
        self.log = log
        self.now = now
    }

    package func handle(_ event: TrainingEvent) {
        switch event {
        case .step(let step):
            var values = step.modalityLosses
            values["loss"] = step.loss
            values["lr"] = step.learningRate
            values["grad_norm"] = step.gradientNorm
            values["tokens_per_second"] = Double(step.tokens) / max(step.seconds, 1e-9)
            add(step.step, step.tokensSeen, values)
        case .evaluated(let evaluation):
            add(evaluation.step, evaluation.tokensSeen, evaluation.metrics)
        case .nonFinite(let step, let tokensSeen, let loss):
            add(step, tokensSeen, ["loss": loss])
        case .started, .checkpointed, .finished, .stopped:
            break
        }
    }

    private func add(_ step: Int, _ tokensSeen: Int, _ values: [String: Double]) {
        var values = values
        values["total_tokens_seen_m"] = Double(tokensSeen) / 1e6
        log(.metrics(MetricRow(step: Int64(step), time: now(), values: values)))
    }
}
