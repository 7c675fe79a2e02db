package import Tensor

/// The backend of a GPU: our kernels, and the device's matrix products.
///
/// Methods return when the work is queued. A failure is kept, since a device tells of it late; see ``failure``.
package final class CUDABackend: Backend {
    /// All goes through it.
    let device: StepRecorder
    let scratch: DeviceScratch
    let inputs: PassInputs
    let weights: RoundedWeights
    package let precision: Precision
    private let firstFailure = DeviceFailure()
    private let sharedMemory: SharedMemory
    let recordsSteps: Bool
    private let floats: StepMemory
    private let activations: StepMemory

    /// `graphs` of steps are kept at most; 0 asks for each piece of work by itself.
    package init(_ device: any KernelDevice, precision: Precision = .float32, graphs: Int = mostGraphs) {
        let device = StepRecorder(device, graphs: graphs)
        self.device = device
        self.precision = precision
        recordsSteps = graphs > 0
        scratch = DeviceScratch(device)
        inputs = PassInputs(device)
        weights = RoundedWeights(device, precision.number)
        sharedMemory = SharedMemory(device, failure: firstFailure)
        floats = StepMemory(device, .float32, failure: firstFailure)
        activations =
            precision.number == .float32 ? floats : StepMemory(device, precision.number, failure: firstFailure)
        device.willCompute = { [unowned inputs] (goesOn) throws(TensorError) in try inputs.send(goesOn: goesOn) }
    }

    package var memory: (any FloatMemory)? { sharedMemory }
    package var stepMemory: (any FloatMemory)? { floats }
    package var activationMemory: (any FloatMemory)? { activations }
    package var isAsynchronous: Bool { true }
    package var needsLossScaling: Bool { precision == .float16 }
    package var failure: TensorError? { firstFailure.first }
    /// 512 MiB of float32: products of few rows leave a GPU idle.
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

    /// Where a buffer is on the device.
    func resolve(_ buffer: UnsafePointer<Float>) -> Operand {
        if let pointer = activations.resolve(buffer) { return Operand(pointer: pointer, number: activations.number) }
        if let pointer = floats.resolve(buffer) { return Operand(pointer: pointer, number: .float32) }
        return Operand(pointer: UnsafeMutableRawPointer(mutating: buffer), number: .float32)
    }

    /// The same of what must be float32.
    func float32(_ buffer: UnsafePointer<Float>) throws(TensorError) -> KernelArgument {
        .buffer(try pointer(ofFloat32: buffer))
    }

    func pointer(ofFloat32 buffer: UnsafePointer<Float>) throws(TensorError) -> UnsafeMutableRawPointer {
        let operand = resolve(buffer)
        guard operand.number == .float32 else {
            throw TensorError(.deviceFailed, "the model gave an activation where float32 is needed; report this")
        }
        return operand.pointer
    }

    /// Of buffers that must be of one kind.
    func alike(
        _ buffers: UnsafePointer<Float>...
    ) throws(TensorError) -> (arguments: [KernelArgument], number: Number) {
        let operands = buffers.map { resolve($0) }
        guard let number = operands.first?.number, operands.allSatisfy({ $0.number == number }) else {
            throw TensorError(.deviceFailed, "the model mixed activations and float32; report this")
        }
        return (operands.map { .buffer($0.pointer) }, number)
    }

    package func place(of buffer: Buffer) -> Buffer? {
        perform { () throws(TensorError) in
            try device.cut()
            return try pointer(ofFloat32: buffer)
        }?.assumingMemoryBound(to: Float.self)
    }

    package func beginPass(weights: Buffer, count: Int) {
        perform { () throws(TensorError) in
            // Of a recorded step all passes' inputs lie beside each other.
            if device.isRecording {
                inputs.forget()
            } else {
                try device.beginPass()
                try inputs.begin()
            }
            try self.weights.round(weights, count: count)
        }
    }

    /// Threads of a block where they do not depend on each other.
    static let threads = 256
    /// Threads that reduce together: the kernels' REDUCING_THREADS.
    static let reducingThreads = 256
    /// Blocks that keep any GPU busy; more elements are done in turns.
    static let mostBlocks = 4096

    /// Launches a kernel whose threads stride over `count` elements.
    func overElements(_ count: Int, _ kernel: Kernel, _ arguments: [KernelArgument]) throws(TensorError) {
        let blocks = min((count + CUDABackend.threads - 1) / CUDABackend.threads, CUDABackend.mostBlocks)
        try device.launch(KernelLaunch(kernel, gridX: blocks, threads: CUDABackend.threads, arguments))
    }
}
