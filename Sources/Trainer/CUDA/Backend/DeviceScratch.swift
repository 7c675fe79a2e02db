import Tensor

/// Device memory for what one operation needs between its kernels: partial sums, rounded operands. Taken back when the
/// next one begins, which is safe because the device works in order.
final class DeviceScratch {
    private let device: any KernelDevice
    private var blocks = DeviceBlocks()

    init(_ device: any KernelDevice) { self.device = device }

    deinit { blocks.free(device) }

    func begin() { blocks.begin(device) }

    func take(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer { try blocks.take(bytes: bytes, device) }
}
