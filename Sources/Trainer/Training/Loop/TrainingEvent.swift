package import Transformer

/// What a training loop tells those who listen, in the order in which it happens.
package enum TrainingEvent: Sendable, Hashable {
    case started(Start)
    case step(Step)
    case evaluated(Evaluation)
    /// The state after `step` steps is safe on disk.
    case checkpointed(step: Int, path: String)
    /// All that is due after a step has been done: a place to keep the state at, or to end.
    case settled(Place)
    /// A listener's answer: the run shall end here, having reached what it was for.
    case endedEarly(step: Int, reason: String)
    /// The last event of a run whose loss is no number any more.
    case nonFinite(NonFinite)
    /// The last event of a run that reached its end.
    case finished(step: Int)
    /// The last event of a run that a signal ended; its state is in the newest checkpoint.
    case stopped(step: Int, signal: Int32)

    package struct Start: Sendable, Hashable {
        /// Steps that are done already: above 0 when the run goes on from a checkpoint.
        package var step: Int
        package var totalSteps: Int
        package var tokensPerStep: Int
        /// What this machine can do at most, in floating point operations a second; nil if nobody measured.
        package var peakFLOPS: Double?
    }

    package struct Place: Sendable, Hashable {
        package var position: TrainingPosition
        /// The settings' interval between checkpoints has passed.
        package var isCheckpointDue: Bool
        /// No step follows: the run is over or was asked to stop.
        package var isLast: Bool
    }

    package struct NonFinite: Sendable, Hashable {
        package var step: Int
        package var tokensSeen: Int
        package var loss: Double
        package var diagnosis: Diagnosis
        package var batch: PackedBatch
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
        /// Floating point operations of the step's matrix products and attention.
        package var flop = 0.0
        /// What the loss was multiplied by in the backward pass, where gradients need that.
        package var lossScale: Float?
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
    /// What it answers is the next event: all listeners hear it. An error ends the run.
    @discardableResult
    func handle(_ event: TrainingEvent) throws -> TrainingEvent?
}
