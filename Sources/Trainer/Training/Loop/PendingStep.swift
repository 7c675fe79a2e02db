import Tensor
import Transformer

/// A step whose losses and norm a device may still be computing.
struct PendingStep {
    /// Counts from 1.
    let step: Int
    let batch: PackedBatch
    let learningRate: Double
    let loss: PendingLoss
    let outcome: Pending<StepOutcome>
    let start: ContinuousClock.Instant
}
