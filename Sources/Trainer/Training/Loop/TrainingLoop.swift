package import Experiment
package import Transformer

/// Trains a model from where it is to the last step, and tells listeners what happens.
///
/// Everything that follows from a state is decided by the state and the settings, so a run that was stopped and resumed
/// computes bit by bit what it would have computed in one go.
package struct TrainingLoop {
    private let model: Nano4M
    private let optimizer: AdamWOptimizer
    private var batches: BatchStream
    private let evaluator: Evaluator
    private let checkpoints: TrainingCheckpoints
    private let settings: TrainingSettings
    private let listeners: [any TrainingListener]
    private let stopSignal: () -> Int32?
    private var position: TrainingPosition
    private var checkpointedStep: Int

    /// `position` is where `model` and `optimizer` are; `stopSignal` gives the signal that asks the run to end, as soon
    /// as there is one.
    package init(
        model: Nano4M, optimizer: AdamWOptimizer, batches: BatchStream, evaluator: Evaluator,
        checkpoints: TrainingCheckpoints, settings: TrainingSettings, position: TrainingPosition,
        listeners: [any TrainingListener], stopSignal: @escaping () -> Int32?
    ) {
        self.model = model
        self.optimizer = optimizer
        self.batches = batches
        self.evaluator = evaluator
        self.checkpoints = checkpoints
        self.settings = settings
        self.position = position
        self.listeners = listeners
        self.stopSignal = stopSignal
        checkpointedStep = position.step
    }

    /// - Returns: the signal that ended the run early; nil when it reached its last step.
    package mutating func run() throws -> Int32? {
        let total = settings.totalSteps
        emit(.started(.init(step: position.step, totalSteps: total, tokensPerStep: settings.tokensPerStep)))
        while true {
            if isEvaluationDue { try evaluate() }
            if let signal = stopSignal() {
                try checkpoint()
                emit(.stopped(step: position.step, signal: signal))
                return signal
            }
            if position.step >= total { break }
            if crossed(settings.checkpointEveryTokens), checkpointedStep != position.step { try checkpoint() }
            try train()
        }
        try checkpoint()
        emit(.finished(step: position.step))
        return nil
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
        let report = try model.forwardBackward(try batches.batch(step: position.step))
        let norm = report.loss.isFinite ? optimizer.step(learningRate: rate) : .nan
        position.step += 1
        guard norm.isFinite else { throw failure(report) }
        let names = model.configuration.modalities.map(\.name)
        let losses = zip(names, report.modalityLoss).compactMap { name, loss in loss.map { (name, $0) } }
        let duration = ContinuousClock.now - start
        emit(
            .step(
                .init(
                    step: position.step, tokensSeen: tokensSeen, loss: report.loss,
                    modalityLosses: Dictionary(uniqueKeysWithValues: losses), learningRate: rate, gradientNorm: norm,
                    seconds: duration / .seconds(1), tokens: settings.tokensPerStep)))
    }

    private func failure(_ report: LossReport) -> TrainingError {
        emit(.nonFinite(step: position.step, tokensSeen: tokensSeen, loss: report.loss))
        let cause = report.modalityLoss.firstIndex { $0.map { !$0.isFinite } ?? false }
        let what = cause.map { "the loss of \(model.configuration.modalities[$0].name)" } ?? "the gradient norm"
        return TrainingError(
            .nonFiniteLoss,
            "\(what) is not a finite number at step \(position.step); try a lower lr or a longer warm-up")
    }

    private mutating func evaluate() throws {
        guard let metrics = try evaluator.evaluate(model, isCancelled: { stopSignal() != nil }) else { return }
        position.evaluatedStep = position.step
        emit(.evaluated(.init(step: position.step, tokensSeen: tokensSeen, metrics: metrics)))
    }

    private mutating func checkpoint() throws {
        let path = try checkpoints.save(model, optimizer, at: position)
        checkpointedStep = position.step
        emit(.checkpointed(step: position.step, path: path))
    }

    private func emit(_ event: TrainingEvent) {
        for listener in listeners { listener.handle(event) }
    }
}
