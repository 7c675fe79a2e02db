import Tensor

/// Device memory for what one operation needs: indices, partial sums. Taken back when the next one begins, which is
/// safe because the device works in order.
final class DeviceScratch {
    private let device: any KernelDevice
    private var blocks: [(pointer: UnsafeMutableRawPointer, size: Int)] = []
    private var used = 0

    private static let smallest = 1 << 20
    private static let alignment = 256

    init(_ device: any KernelDevice) { self.device = device }

    deinit { for block in blocks { device.free(block.pointer) } }

    func begin() {
        used = 0
        // Of several blocks only the last was large enough for all.
        while blocks.count > 1 { device.free(blocks.removeFirst().pointer) }
    }

    func take(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        let size = (max(1, bytes) + DeviceScratch.alignment - 1) / DeviceScratch.alignment * DeviceScratch.alignment
        if blocks.last.map({ used + size > $0.size }) ?? true {
            let total = max(DeviceScratch.smallest, 2 * (used + size))
            blocks.append((try device.allocate(bytes: total), total))
            used = 0
        }
        defer { used += size }
        // A block has just been made if there was none.
        return blocks[blocks.count - 1].pointer + used
    }

    /// A copy on the device.
    func upload<Element>(_ values: some Collection<Element>) throws(TensorError) -> UnsafeMutableRawPointer {
        let pointer = try take(bytes: values.count * MemoryLayout<Element>.stride)
        let array = ContiguousArray(values)
        var failure: TensorError?
        array.withUnsafeBytes { bytes in
            do throws(TensorError) {
                if !bytes.isEmpty { try device.upload(bytes, to: pointer) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return pointer
    }
}
