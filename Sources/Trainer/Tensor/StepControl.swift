/// What a device decides of a model's optimizer steps and keeps from one to the next, so that the host need not wait for
/// the gradients' norm: the kernels' `StepControl`, in memory of both.
package final class StepControl {
    private let words: FloatStorage

    /// Words of the kernels' struct: where some lie, and how many there are.
    private enum Word {
        static let lossScale = 5
        static let goodSteps = 6
        static let steps = 7
        static let count = 8
    }

    /// In the backend's ``Backend/memory``. No step was taken; without a `scaler` the loss counts as it is.
    package init(memory: any FloatMemory, scaler: LossScaler? = nil) {
        words = FloatStorage(count: Word.count, memory: memory)
        reset(steps: 0, scaler: scaler)
    }

    package var pointer: UnsafeMutablePointer<Float> { words.pointer }

    /// What the next backward pass multiplies the loss by.
    package var lossScale: UnsafeMutablePointer<Float> { words.pointer + Word.lossScale }

    /// As after so many steps, none of which failed. The device must have nothing to do.
    package func reset(steps: Int, scaler: LossScaler?) {
        words.floats.update(repeating: 0)
        words.pointer[Word.lossScale] = scaler?.scale ?? 1
        words.pointer[Word.goodSteps] = Float(bitPattern: UInt32(scaler?.goodSteps ?? 0))
        words.pointer[Word.steps] = Float(bitPattern: UInt32(clamping: steps))
    }
}
