package import Experiment
package import FoundationEssentials

/// Turns training events into metric rows.
package final class MetricLogger: TrainingListener {
    private let log: (RunRecord) -> Void
    private let now: () -> Date
    private var peakFLOPS: Double?

    package init(log: @escaping (RunRecord) -> Void, now: @escaping () -> Date = { Date() }) {
        self.log = log
        self.now = now
    }

    @discardableResult
    package func handle(_ event: TrainingEvent) -> TrainingEvent? {
        switch event {
        case .started(let start):
            peakFLOPS = start.peakFLOPS
        case .step(let step):
            var values = step.modalityLosses
            values["loss"] = step.loss
            values["lr"] = step.learningRate
            values["grad_norm"] = step.gradientNorm
            values["tokens_per_second"] = Double(step.tokens) / max(step.seconds, 1e-9)
            values["loss_scale"] = step.lossScale.map { Double($0) }
            values["mfu"] = peakFLOPS.map { step.flop / max(step.seconds, 1e-9) / $0 }
            add(step.step, step.tokensSeen, values)
        case .evaluated(let evaluation):
            add(evaluation.step, evaluation.tokensSeen, evaluation.metrics)
        case .nonFinite(let failure):
            add(failure.step, failure.tokensSeen, ["loss": failure.loss])
        case .checkpointed, .settled, .endedEarly, .finished, .stopped:
            break
        }
        return nil
    }

    private func add(_ step: Int, _ tokensSeen: Int, _ values: [String: Double]) {
        var values = values
        values["total_tokens_seen_m"] = Double(tokensSeen) / 1e6
        log(.metrics(MetricRow(step: Int64(step), time: now(), values: values)))
    }
}
