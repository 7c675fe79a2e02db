import Tensor
import Transformer

/// A step whose losses and norm a device may still be computing.
struct PendingStep {
    /// Counts from 1.
    let step: Int
    let batch: PackedBatch
    let learningRate: Double
    let report: Pending<LossReport>
    let outcome: Pending<StepOutcome>
    /// That the gradients were computed with.
    let lossScale: Float?
    let start: ContinuousClock.Instant
}
