import Tensor

/// A model's weights in 16 bits, as products read them: rounded once a pass and not at each use.
final class RoundedWeights {
    private let device: any KernelDevice
    private let number: Number
    private var copy: UnsafeMutableRawPointer?
    private var base: UnsafePointer<Float>?
    private var count = 0

    init(_ device: any KernelDevice, _ number: Number) {
        self.device = device
        self.number = number
    }

    deinit { if let copy { device.free(copy) } }

    func round(_ weights: UnsafePointer<Float>, count: Int) throws(TensorError) {
        guard number != .float32, count > 0 else { return }
        if count > self.count {
            if let copy { device.free(copy) }
            copy = nil
            self.count = 0
            copy = try device.allocate(bytes: count * number.size)
        }
        (base, self.count) = (weights, count)
        try device.launch(
            KernelLaunch(
                .round(number), gridX: min((count + 255) / 256, CUDABackend.mostBlocks), threads: CUDABackend.threads,
                [
                    .buffer(copy), .buffer(UnsafeMutableRawPointer(mutating: weights)), .long(1), .int(count),
                    .int(count), .int(count),
                ]))
    }

    /// The rounded weight; nil for what is none.
    func rounded(_ pointer: UnsafePointer<Float>) -> UnsafeMutableRawPointer? {
        guard let base, let copy, pointer >= base, pointer < base + count else { return nil }
        return copy + (pointer - base) * number.size
    }
}
