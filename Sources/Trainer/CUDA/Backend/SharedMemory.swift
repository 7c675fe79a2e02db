import Glibc
import Tensor

/// Memory that the device and the host share: parameters, gradients, moments.
///
/// What the device cannot give is taken from the host, so that there is an address; nothing is computed with it.
final class SharedMemory: FloatMemory {
    private let device: any KernelDevice
    private let failure: DeviceFailure
    private var hosts: Set<UnsafeMutablePointer<Float>> = []

    init(_ device: any KernelDevice, failure: DeviceFailure) {
        self.device = device
        self.failure = failure
    }

    func allocate(count: Int) -> UnsafeMutablePointer<Float> {
        let shared = failure.unlessFailed { () throws(TensorError) in
            try device.allocateShared(bytes: count * MemoryLayout<Float>.stride)
        }
        if let shared { return shared.bindMemory(to: Float.self, capacity: count) }
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        let floats = bytes.initializeMemory(as: Float.self, repeating: 0, count: count)
        hosts.insert(floats)
        return floats
    }

    func deallocate(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
        if hosts.remove(pointer) != nil { pointer.deallocate() } else { device.free(UnsafeMutableRawPointer(pointer)) }
    }
}
