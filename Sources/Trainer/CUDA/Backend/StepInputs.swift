import Tensor

/// What the host tells the device in a recorded step, at addresses that stay the same from step to step: put together on
/// the host, and brought there as a whole before the step's work.
struct StepInputs {
    private var place: UnsafeMutableRawPointer?
    private var size = 0
    private var bytes: [UInt8] = []
    /// Bytes that have been brought to the device.
    private var sent = 0
    /// Of the last step, with what did not fit.
    private var needed = 0

    private static let alignment = 256
    private static let smallest = 1 << 20

    /// Another step begins. Room grows to what a step has needed.
    mutating func begin(_ device: any KernelDevice) throws(TensorError) {
        let wanted = max(StepInputs.smallest, needed > size ? 2 * needed : size)
        (bytes, sent, needed) = ([], 0, 0)
        guard wanted > size else { return }
        free(device)
        (place, size) = (nil, 0)
        place = try device.allocate(bytes: wanted)
        size = wanted
        bytes.reserveCapacity(wanted)
    }

    /// Where these bytes will be; nil where there is no room for them in this step.
    mutating func add(_ added: [UInt8]) -> UnsafeMutableRawPointer? {
        let start = (bytes.count + StepInputs.alignment - 1) / StepInputs.alignment * StepInputs.alignment
        needed += (added.count + StepInputs.alignment - 1) / StepInputs.alignment * StepInputs.alignment
        guard let place, start + added.count <= size else { return nil }
        bytes += [UInt8](repeating: 0, count: start - bytes.count)
        bytes += added
        return place + start
    }

    /// Brings the bytes that are not there yet to the device by way of `staged`, which gives room to copy ahead to.
    mutating func send(
        _ device: any KernelDevice, by staged: (_ bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer
    ) throws(TensorError) {
        guard let place, sent < bytes.count else { return }
        let added = Array(bytes[sent...])
        let staging = try staged(added.count)
        try device.copyAhead(added, to: staging)
        try device.copy(from: staging, to: place + sent, bytes: added.count)
        sent = bytes.count
    }

    func free(_ device: any KernelDevice) { if let place { device.free(place) } }
}

extension KernelDevice {
    /// ``copyAhead(_:to:)`` of an array.
    func copyAhead(_ bytes: [UInt8], to pointer: UnsafeMutableRawPointer) throws(TensorError) {
        guard !bytes.isEmpty else { return }
        var failure: TensorError?
        bytes.withUnsafeBytes { bytes in
            do throws(TensorError) {
                try copyAhead(bytes, to: pointer)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
