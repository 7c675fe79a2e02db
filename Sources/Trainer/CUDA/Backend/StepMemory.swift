import Glibc
import Tensor

/// Device memory that the host cannot reach, for what lives no longer than a step.
///
/// Addresses are those of floats in a range that is reserved on the host and never backed: `pointer + i` names the i-th
/// element whatever its size on the device, and a host that reads what is not there stops at once.
final class StepMemory: FloatMemory {
    let number: Number
    private let device: any KernelDevice
    private let failure: DeviceFailure
    private var regions: [Region] = []

    private struct Region {
        let base: UInt
        let bytes: UInt
        let count: Int
        /// Nil where the device had no room.
        let pointer: UnsafeMutableRawPointer?
    }

    init(_ device: any KernelDevice, _ number: Number, failure: DeviceFailure) {
        self.device = device
        self.number = number
        self.failure = failure
    }

    func allocate(count: Int) -> UnsafeMutablePointer<Float> {
        let pointer = failure.unlessFailed { () throws(TensorError) in
            try device.allocate(bytes: count * number.size)
        }
        let bytes = count * MemoryLayout<Float>.stride
        let range = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let range, range != MAP_FAILED else {
            // 47 bits of addresses are not used up by any device's memory.
            preconditionFailure("no address space for \(bytes) bytes")
        }
        regions.append(Region(base: UInt(bitPattern: range), bytes: UInt(bytes), count: count, pointer: pointer))
        return range.bindMemory(to: Float.self, capacity: count)
    }

    func deallocate(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
        guard let place = regions.firstIndex(where: { $0.base == UInt(bitPattern: pointer) }) else { return }
        let region = regions.remove(at: place)
        if let pointer = region.pointer { device.free(pointer) }
        munmap(UnsafeMutableRawPointer(bitPattern: region.base), Int(region.bytes))
    }

    /// Where it is on the device; nil for another's memory.
    func resolve(_ pointer: UnsafePointer<Float>) -> UnsafeMutableRawPointer? {
        let address = UInt(bitPattern: pointer)
        for region in regions where address >= region.base && address - region.base < region.bytes {
            // Without memory something has failed, and nothing is computed any more.
            return region.pointer.map { $0 + Int(address - region.base) / MemoryLayout<Float>.stride * number.size }
        }
        return nil
    }
}
