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
    /// The step that a device may still be computing; what became of it is asked when the next is on its way.
    private var pending: PendingStep?
    private var lastEnd: ContinuousClock.Instant?

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
            if mustWait || isEvaluationDue || position.step >= total { try completeStep() }
            if isEvaluationDue { try evaluate() }
            let signal = try agreedStopSignal()
            if signal != nil { try completeStep() }
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

    /// Whether what comes next depends on the step before: its losses, or that it did not fail.
    private var mustWait: Bool {
        if case .curriculum = settings.masking.rule { return true }
        return crossed(settings.checkpointEveryTokens)
    }

    /// Begins a step and completes the one before, which a device has computed meanwhile.
    private mutating func train() throws {
        let start = ContinuousClock.now
        let rate = settings.schedule.rate(at: position.step)
        let batch = try batches.batch(step: position.step, progress: position.masking)
        func compute() throws -> (PendingLoss, Pending<StepOutcome>) {
            let loss = try model.startForwardBackward(
                batch, microBatches: settings.options.gradientAccumulation, with: communicator)
            // Who does not compute at once cannot know yet; it decides by the norm.
            let isHopeless = try !model.backend.isAsynchronous && !loss.report().loss.isFinite
            let outcome =
                isHopeless
                ? Pending(StepOutcome(norm: .nan, isSkipped: false)) : state.optimizer.startStep(learningRate: rate)
            state.average?.update()
            return (loss, outcome)
        }
        let (loss, outcome) = try model.backend.asStep(compute)
        position.step += 1
        position.evalLoss = nil
        let step = PendingStep(
            step: position.step, batch: batch, learningRate: rate, loss: loss, outcome: outcome,
            start: start)
        try completeStep()
        pending = step
        if !model.backend.isAsynchronous { try completeStep() }
    }

    private mutating func completeStep() throws {
        guard let done = pending else { return }
        pending = nil
        let (report, outcome) = (try done.loss.report(), done.outcome.value)
        try model.checkBackend()
        if case .curriculum = settings.masking.rule { position.followMasking(report.modalityLoss) }
        guard report.loss.isFinite, !outcome.hasFailed else { throw try failure(done, report) }
        let names = model.configuration.modalities.map(\.name)
        let losses = zip(names, report.modalityLoss).compactMap { name, loss in loss.map { (name, $0) } }
        // From the end of the step before, where steps overlap.
        let now = ContinuousClock.now
        let duration = now - max(done.start, lastEnd ?? done.start)
        lastEnd = now
        try emit(
            .step(
                .init(
                    step: done.step, tokensSeen: done.step * settings.tokensPerStep, loss: report.loss,
                    modalityLosses: Dictionary(uniqueKeysWithValues: losses), learningRate: done.learningRate,
                    gradientNorm: outcome.norm, seconds: duration / .seconds(1), tokens: settings.tokensPerStep,
                    flop: ModelCost(model.configuration).trainingFLOP(done.batch), lossScale: outcome.lossScale)))
    }

    private mutating func failure(_ step: PendingStep, _ report: LossReport) throws -> TrainingError {
        // All ranks come here, and one of them looks.
        guard communicator.rank == 0 else {
            return TrainingError(.nonFiniteLoss, "the loss is not a finite number; see what rank 0 says")
        }
        // A step that was begun since has left its own gradients.
        if step.step < position.step { _ = try? model.forwardBackward(step.batch) }
        let diagnosis = try model.diagnose(step.batch, report)
        try emit(
            .nonFinite(
                .init(
                    step: step.step, tokensSeen: step.step * settings.tokensPerStep, loss: report.loss,
                    diagnosis: diagnosis, batch: step.batch)))
        return TrainingError(
            .nonFiniteLoss,
            "\(diagnosis.subject) is not a finite number at step \(step.step): \(diagnosis.sentence); the batch is "
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
