import Tensor

/// What the host tells the device in a pass: indices, lengths, targets. Copied ahead, while the device still computes the
/// pass before, into one of two sets of memory that take turns; what is told again lies there already.
final class PassInputs {
    private let device: any KernelDevice
    private var slots = [DeviceBlocks(), DeviceBlocks()]
    private var slot = 0
    private var known: [Key: UnsafeMutableRawPointer] = [:]

    private struct Key: Hashable {
        let bytes: [UInt8]
    }

    init(_ device: any KernelDevice) { self.device = device }

    deinit { for slot in slots { slot.free(device) } }

    func begin() {
        slot = 1 - slot
        slots[slot].begin(device)
        known.removeAll(keepingCapacity: true)
    }

    /// A copy on the device, which lives until the pass after next begins.
    func upload<Element: BitwiseCopyable>(
        _ values: some Collection<Element>
    ) throws(TensorError) -> UnsafeMutableRawPointer {
        let bytes = ContiguousArray(values).withUnsafeBytes { Array($0) }
        let key = Key(bytes: bytes)
        if let pointer = known[key] { return pointer }
        let pointer = try slots[slot].take(bytes: bytes.count, device)
        var failure: TensorError?
        bytes.withUnsafeBytes { bytes in
            do throws(TensorError) {
                if !bytes.isEmpty { try device.copyAhead(bytes, to: pointer) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        known[key] = pointer
        return pointer
    }
}
