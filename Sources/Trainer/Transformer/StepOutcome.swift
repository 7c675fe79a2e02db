/// What became of an optimizer's step.
package struct StepOutcome: Sendable, Hashable {
    /// Of the gradients, before clipping.
    package let norm: Double
    /// The gradients overflowed and the scale of the loss has been lowered: the next step may do better.
    package let isSkipped: Bool

    package init(norm: Double, isSkipped: Bool) {
        self.norm = norm
        self.isSkipped = isSkipped
    }

    /// The training cannot go on.
    package var hasFailed: Bool { !norm.isFinite && !isSkipped }
}
