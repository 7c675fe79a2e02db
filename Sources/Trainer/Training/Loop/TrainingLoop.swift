package import Experiment
package import Tensor
import Transformer

/// Trains a model from where it is to the last step, and tells listeners what happens.
///
/// Everything that follows from a state is decided by the state and the settings, so a run that was stopped and resumed
/// computes bit by bit what it would have computed in one go.
package struct TrainingLoop {
    private let state: TrainingState
    private var batches: BatchStream
    private let evaluator: Evaluator
    private let settings: TrainingSettings
    private let listeners: [any TrainingListener]
    private let stopSignal: () -> Int32?
    private let peakFLOPS: Double?
    private let communicator: any Communicator
    private var position: TrainingPosition
    private var hasEndedEarly = false

    private var model: Nano4M { state.model }

    /// `position` is where `state` is; `stopSignal` gives the signal that asks the run to end, as soon as there is one.
    package init(
        state: TrainingState, batches: BatchStream, evaluator: Evaluator, settings: TrainingSettings,
        position: TrainingPosition, listeners: [any TrainingListener], peakFLOPS: Double? = nil,
        communicator: any Communicator = SoloCommunicator(), stopSignal: @escaping () -> Int32?
    ) {
        self.state = state
        self.batches = batches
        self.evaluator = evaluator
        self.settings = settings
        self.position = position
        self.listeners = listeners
        self.peakFLOPS = peakFLOPS
        self.communicator = communicator
        self.stopSignal = stopSignal
    }

    /// - Returns: the signal that ended the run early; nil when it reached its last step.
    package mutating func run() throws -> Int32? {
        let total = settings.totalSteps
        try emit(
            .started(
                .init(
                    step: position.step, totalSteps: total, tokensPerStep: settings.tokensPerStep,
                    peakFLOPS: peakFLOPS)))
        while true {
            if isEvaluationDue { try evaluate() }
            let signal = try agreedStopSignal()
            try settle(isLast: signal != nil || position.step >= total)
            if let signal {
                try emit(.stopped(step: position.step, signal: signal))
                return signal
            }
            if position.step >= total { break }
            if hasEndedEarly {
                try settle(isLast: true)
                break
            }
            try train()
        }
        try emit(.finished(step: position.step))
        return nil
    }

    /// A signal that any rank has got: all end after the same step.
    private func agreedStopSignal() throws -> Int32? {
        let signals = try communicator.gather([Double(stopSignal() ?? 0)])
        let highest = signals.compactMap(\.first).max() ?? 0
        return highest > 0 ? Int32(highest) : nil
    }

    private mutating func settle(isLast: Bool) throws {
        try emit(
            .settled(
                .init(
                    position: position, isCheckpointDue: crossed(settings.checkpointEveryTokens), isLast: isLast)))
    }

    private var tokensSeen: Int { position.step * settings.tokensPerStep }

    private var isEvaluationDue: Bool {
        guard position.evaluatedStep != position.step else { return false }
        return position.step == 0 || position.step == settings.totalSteps || crossed(settings.evalEveryTokens)
    }

    /// Whether the last step took the tokens seen over a multiple of `interval`.
    private func crossed(_ interval: Int) -> Bool {
        position.step > 0 && tokensSeen / interval > (tokensSeen - settings.tokensPerStep) / interval
    }

    private mutating func train() throws {
        let start = ContinuousClock.now
        let rate = settings.schedule.rate(at: position.step)
        let batch = try batches.batch(step: position.step, progress: position.masking)
        let report = try model.forwardBackward(
            batch, microBatches: settings.options.gradientAccumulation, with: communicator)
        let norm = report.loss.isFinite ? state.optimizer.step(learningRate: rate) : .nan
        position.step += 1
        position.evalLoss = nil
        if case .curriculum = settings.masking.rule { position.followMasking(report.modalityLoss) }
        guard norm.isFinite else { throw try failure(report, batch) }
        state.average?.update()
        let names = model.configuration.modalities.map(\.name)
        let losses = zip(names, report.modalityLoss).compactMap { name, loss in loss.map { (name, $0) } }
        let duration = ContinuousClock.now - start
        try emit(
            .step(
                .init(
                    step: position.step, tokensSeen: tokensSeen, loss: report.loss,
                    modalityLosses: Dictionary(uniqueKeysWithValues: losses), learningRate: rate, gradientNorm: norm,
                    seconds: duration / .seconds(1), tokens: settings.tokensPerStep,
                    flop: ModelCost(model.configuration).trainingFLOP(batch))))
    }

    private mutating func failure(_ report: LossReport, _ batch: PackedBatch) throws -> TrainingError {
        // All ranks come here, and one of them looks.
        guard communicator.rank == 0 else {
            return TrainingError(.nonFiniteLoss, "the loss is not a finite number; see what rank 0 says")
        }
        let diagnosis = try model.diagnose(batch, report)
        try emit(
            .nonFinite(
                .init(
                    step: position.step, tokensSeen: tokensSeen, loss: report.loss, diagnosis: diagnosis,
                    batch: batch)))
        return TrainingError(
            .nonFiniteLoss,
            "\(diagnosis.subject) is not a finite number at step \(position.step): \(diagnosis.sentence); the batch is "
                + "in \(FailureRecorder.fileName) of the run's directory; try a lower lr or a longer warm-up")
    }

    private mutating func evaluate() throws {
        let metrics = try state.withJudgedWeights {
            try evaluator.evaluate(model, with: communicator, isCancelled: { stopSignal() != nil })
        }
        guard let metrics else { return }
        position.evaluatedStep = position.step
        if let loss = metrics["[Eval]/loss"], loss.isFinite { position.evalLoss = loss }
        try judge(metrics)
        try emit(.evaluated(.init(step: position.step, tokensSeen: tokensSeen, metrics: metrics)))
    }

    /// Keeps count of the metric that may end the run, in the position, so that a resumed run counts on.
    private mutating func judge(_ metrics: [String: Double]) throws {
        let name = settings.options.earlyStopMetric
        guard settings.options.earlyStopPatience > 0 || settings.options.earlyStopTarget != nil else { return }
        guard let value = metrics[name] else {
            throw TrainingError(
                .unknownMetric,
                "early_stop_metric '\(name)' is not evaluated\(didYouMean(name, among: metrics.keys)); "
                    + "there are \(metrics.keys.sorted().joined(separator: ", "))")
        }
        let goal = settings.options.earlyStopGoal
        if !value.isNaN, position.bestMetric.map({ goal.isBetter(value, than: $0) }) ?? true {
            (position.bestMetric, position.evaluationsSinceBest) = (value, 0)
        } else {
            position.evaluationsSinceBest = (position.evaluationsSinceBest ?? 0) + 1
        }
    }

    private mutating func emit(_ event: TrainingEvent) throws {
        if case .endedEarly = event { hasEndedEarly = true }
        var answers: [TrainingEvent] = []
        for listener in listeners {
            if let answer = try listener.handle(event) { answers.append(answer) }
        }
        for answer in answers { try emit(answer) }
    }
}
