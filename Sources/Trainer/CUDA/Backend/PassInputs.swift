import Tensor

/// What the host tells the device in a pass: indices, lengths, targets. Copied ahead, while the device still computes the
/// pass before, into one of two sets of memory that take turns; what is told again lies there already.
///
/// All passes of a recorded step are one, and what is told in it lies where it lay in the step before.
final class PassInputs {
    private let device: any KernelDevice
    private var slots = [DeviceBlocks(), DeviceBlocks()]
    private var slot = 0
    private var known: [[UInt8]: UnsafeMutableRawPointer] = [:]
    private var step = StepInputs()
    private var isRecorded = false

    init(_ device: any KernelDevice) { self.device = device }

    deinit {
        for slot in slots { slot.free(device) }
        step.free(device)
    }

    func begin(isRecorded: Bool = false) throws(TensorError) {
        slot = 1 - slot
        slots[slot].begin(device)
        known.removeAll(keepingCapacity: true)
        self.isRecorded = isRecorded
        if isRecorded { try step.begin(device) }
    }

    /// What is told from here on is not looked for among what was told before: where the next inputs lie in a step must not
    /// depend on whether they happen to be equal.
    func forget() { known.removeAll(keepingCapacity: true) }

    /// A copy on the device, which lives until the pass after next begins, or the next recorded step.
    func upload<Element: BitwiseCopyable>(
        _ values: some Collection<Element>
    ) throws(TensorError) -> UnsafeMutableRawPointer {
        let bytes = ContiguousArray(values).withUnsafeBytes { Array($0) }
        if let pointer = known[bytes] { return pointer }
        let pointer = try place(bytes)
        known[bytes] = pointer
        return pointer
    }

    private func place(_ bytes: [UInt8]) throws(TensorError) -> UnsafeMutableRawPointer {
        if isRecorded, let pointer = step.add(bytes) { return pointer }
        let pointer = try slots[slot].take(bytes: bytes.count, device)
        try device.copyAhead(bytes, to: pointer)
        return pointer
    }

    /// Brings a recorded step's inputs to the device, before its work. What is told after it is copied ahead, unless the
    /// step `goesOn`.
    func send(goesOn: Bool) throws(TensorError) {
        guard isRecorded else { return }
        isRecorded = goesOn
        try step.send(device) { (bytes) throws(TensorError) in try slots[slot].take(bytes: bytes, device) }
    }
}
