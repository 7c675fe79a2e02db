package import Tensor

/// The backend of a GPU: our kernels, and the device's matrix products.
///
/// Methods return when the work is queued. A failure is kept, since a device tells of it late; see ``failure``.
package final class CUDABackend: Backend {
    let device: any KernelDevice
    let scratch: DeviceScratch
    package let precision: Precision
    private let firstFailure = DeviceFailure()
    private let deviceMemory: DeviceMemory

    package init(_ device: any KernelDevice, precision: Precision = .float32) {
        self.device = device
        self.precision = precision
        scratch = DeviceScratch(device)
        deviceMemory = DeviceMemory(device, failure: firstFailure)
    }

    package var memory: (any FloatMemory)? { deviceMemory }
    package var failure: TensorError? { firstFailure.first }
    /// 512 MiB: products of few rows leave a GPU idle, and losses are waited for once a chunk.
    package var logitsAtOnce: Int { 1 << 27 }
    package func finish() { perform { () throws(TensorError) in try device.finish() } }

    /// Does one operation with all of the scratch memory, unless something has failed before.
    @discardableResult
    func perform<Result>(_ body: () throws(TensorError) -> Result) -> Result? {
        firstFailure.unlessFailed { () throws(TensorError) in
            scratch.begin()
            return try body()
        }
    }

    /// Threads of a block where they do not depend on each other.
    static let threads = 256
    /// Threads that reduce together: the kernels' REDUCING_THREADS.
    static let reducingThreads = 256
    /// Blocks that keep any GPU busy; more elements are done in turns.
    static let mostBlocks = 4096

    /// Launches a kernel whose threads stride over `count` elements.
    func overElements(_ count: Int, _ kernel: Kernel, _ arguments: KernelArgument...) {
        guard count > 0 else { return }
        let blocks = min((count + CUDABackend.threads - 1) / CUDABackend.threads, CUDABackend.mostBlocks)
        perform { () throws(TensorError) in
            try device.launch(KernelLaunch(kernel, gridX: blocks, threads: CUDABackend.threads, arguments))
        }
    }

    package func add(_ out: Buffer, _ input: Buffer, count: Int) {
        overElements(count, .add, .buffer(out), .buffer(input), .long(count))
    }

    package func fill(_ out: Buffer, with value: Float, count: Int) {
        overElements(count, .fill, .buffer(out), .float(value), .long(count))
    }

    package func blend(_ out: Buffer, with input: Buffer, share: Float, count: Int) {
        overElements(count, .blend, .buffer(out), .buffer(input), .float(share), .long(count))
    }

    package func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, count: Int
    ) {
        overElements(
            count, .adamW, .buffer(values), .buffer(first), .buffer(second), .buffer(gradients), .long(count),
            .float(step.gradientScale), .float(step.beta1), .float(step.beta2), .float(step.decay),
            .float(step.stepSize), .float(step.denominatorScale), .float(step.epsilon))
    }

    package func norm(_ values: Buffer, count: Int) -> Double {
        var norm = 0.0
        guard count > 0 else { return norm }
        // At least 16 elements a thread.
        let blocks = min((count + 16 * CUDABackend.reducingThreads - 1) / (16 * CUDABackend.reducingThreads), 1024)
        let done: Void? = perform { () throws(TensorError) in
            let sums = try scratch.take(bytes: blocks * MemoryLayout<Double>.stride)
            let root = try scratch.take(bytes: MemoryLayout<Double>.stride)
            try device.launch(
                KernelLaunch(
                    .squareSums, gridX: blocks, threads: CUDABackend.reducingThreads,
                    [.buffer(sums), .buffer(values), .long(count)]))
            try device.launch(
                KernelLaunch(
                    .rootOfSums, gridX: 1, threads: CUDABackend.reducingThreads,
                    [.buffer(root), .buffer(sums), .int(blocks)]))
            try download(root, into: &norm)
        }
        return done == nil ? .nan : norm
    }

    /// Waits, and copies a value or values from the device.
    func download<Value: BitwiseCopyable>(
        _ pointer: UnsafeMutableRawPointer, into value: inout Value
    ) throws(TensorError) {
        var failure: TensorError?
        withUnsafeMutableBytes(of: &value) { bytes in
            do throws(TensorError) { try device.download(pointer, to: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
