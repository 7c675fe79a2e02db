import Tensor

/// Device memory that is handed out in order and taken back all at once; it grows to what was ever needed.
struct DeviceBlocks {
    private var blocks: [(pointer: UnsafeMutableRawPointer, size: Int)] = []
    private var used = 0

    private static let smallest = 1 << 20
    private static let alignment = 256

    mutating func begin(_ device: any KernelDevice) {
        used = 0
        // Of several blocks only the last was large enough for all.
        while blocks.count > 1 { device.free(blocks.removeFirst().pointer) }
    }

    mutating func take(bytes: Int, _ device: any KernelDevice) throws(TensorError) -> UnsafeMutableRawPointer {
        let size = (max(1, bytes) + DeviceBlocks.alignment - 1) / DeviceBlocks.alignment * DeviceBlocks.alignment
        if blocks.last.map({ used + size > $0.size }) ?? true {
            let total = max(DeviceBlocks.smallest, 2 * ((blocks.last?.size ?? 0) + size))
            blocks.append((try device.allocate(bytes: total), total))
            used = 0
        }
        defer { used += size }
        // A block has just been made if there was none.
        return blocks[blocks.count - 1].pointer + used
    }

    func free(_ device: any KernelDevice) { for block in blocks { device.free(block.pointer) } }
}
