/// What a training loop tells those who listen, in the order in which it happens.
package enum TrainingEvent: Sendable, Hashable {
    case started(Start)
    case step(Step)
    case evaluated(Evaluation)
    /// The state after `step` steps is safe on disk.
    case checkpointed(step: Int, path: String)
    /// The last event of a run whose loss is no number any more.
    case nonFinite(step: Int, tokensSeen: Int, loss: Double)
    /// The last event of a run that reached its end.
    case finished(step: Int)
    /// The last event of a run that a signal ended; its state is in the newest checkpoint.
    case stopped(step: Int, signal: Int32)

    package struct Start: Sendable, Hashable {
        /// Steps that are done already: above 0 when the run goes on from a checkpoint.
        package var step: Int
        package var totalSteps: Int
        package var tokensPerStep: Int
    }

    /// One optimizer step. `step` counts from 1: it is the number of steps done.
    package struct Step: Sendable, Hashable {
        package var step: Int
        package var tokensSeen: Int
        package var loss: Double
        /// Mean cross-entropy by modality, for those that had targets in the batch.
        package var modalityLosses: [String: Double]
        package var learningRate: Double
        package var gradientNorm: Double
        /// Duration of the step.
        package var seconds: Double
        package var tokens: Int
    }

    package struct Evaluation: Sendable, Hashable {
        package var step: Int
        package var tokensSeen: Int
        /// By metric name, as `[Eval]/loss` and `probe/image_given_audio`.
        package var metrics: [String: Double]
    }
}

/// Hears of everything that happens in a training loop, on the loop's own thread: what it does must be quick.
package protocol TrainingListener: AnyObject {
    func handle(_ event: TrainingEvent)
}
