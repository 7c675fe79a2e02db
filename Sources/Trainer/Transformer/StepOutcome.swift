/// What became of an optimizer's step.
package struct StepOutcome: Sendable, Hashable {
    /// Of the gradients, before clipping, without the scale of the loss.
    package let norm: Double
    /// The gradients overflowed and the scale of the loss has been lowered: the next step may do better.
    package let isSkipped: Bool
    /// That the gradients were computed with; nil without one.
    package let lossScale: Float?

    package init(norm: Double, isSkipped: Bool, lossScale: Float? = nil) {
        self.norm = norm
        self.isSkipped = isSkipped
        self.lossScale = lossScale
    }

    /// The training cannot go on.
    package var hasFailed: Bool { !norm.isFinite && !isSkipped }
}
