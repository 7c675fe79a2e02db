/// Keeps gradients within the range of float16 (V100): the loss is multiplied by a scale before the backward pass, and
/// gradients are divided by it when they are read.
///
/// As PyTorch's: a step whose gradients overflow is left out and halves the scale, 2,000 steps without one double it. A
/// device keeps the scale that counts, in its ``StepControl``; this is what the host knows of it, by the same rule.
package final class LossScaler {
    /// A power of 2, so that scaling rounds nothing.
    package private(set) var scale: Float = 65_536
    /// Steps since the scale last changed.
    package private(set) var goodSteps = 0

    package static let growthInterval = 2000
    package static let largest: Float = 16_777_216

    package init() {}

    /// Takes in whether a step's gradients were finite.
    ///
    /// - Returns: whether a step that was not can be made up for by a smaller scale.
    package func update(isFinite: Bool) -> Bool {
        guard isFinite else {
            // Unscaled gradients that overflow are no matter of the scale.
            guard scale > 1 else { return false }
            (scale, goodSteps) = (scale / 2, 0)
            return true
        }
        goodSteps += 1
        if goodSteps >= LossScaler.growthInterval {
            (scale, goodSteps) = (min(scale * 2, LossScaler.largest), 0)
        }
        return true
    }

    /// For checkpoints.
    package var state: [Int32] { [Int32(scale), Int32(goodSteps)] }

    /// False if that is no state.
    package func restore(_ state: [Int32]) -> Bool {
        guard state.count == 2, state[0] > 0, state[0] & (state[0] - 1) == 0, state[1] >= 0 else { return false }
        (scale, goodSteps) = (Float(state[0]), Int(state[1]))
        return true
    }
}
