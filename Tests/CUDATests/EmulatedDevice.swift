import CUDAEmulation
import Tensor

@testable import CUDA

/// A GPU on the CPU. Like one it does nothing before it must: work is queued until someone waits, so that a host that
/// reads too early reads what was there before.
final class EmulatedDevice: KernelDevice {
    enum Order: Int32, CaseIterable { case forward, reverse, random }

    private let order: Order
    /// Bytes that can be allocated in all.
    private let limit: Int
    /// A barrier that kernels leave out.
    private let skipped: Barrier?
    private let cpu = CPUBackend(threads: 1)
    private var queue: [() -> String?] = []
    /// Bytes of what is allocated, by address.
    private var sizes: [UnsafeMutableRawPointer: Int] = [:]
    /// Products asked for.
    private(set) var products = 0

    /// Bytes before and after each allocation that nobody may write and whose floats are NaN.
    private static let guardSize = 256
    private static let guardByte: UInt8 = 0xff

    init(_ order: Order = .random, limit: Int = 1 << 30, skipping skipped: Barrier? = nil) {
        self.order = order
        self.skipped = skipped
        self.limit = limit
    }

    deinit { for pointer in sizes.keys { (pointer - EmulatedDevice.guardSize).deallocate() } }

    func allocateShared(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        let pointer = try allocate(bytes: bytes)
        pointer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return pointer
    }

    func allocate(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        guard sizes.values.reduce(bytes, +) <= limit else {
            throw TensorError(.outOfDeviceMemory, "\(bytes) bytes do not fit")
        }
        let size = EmulatedDevice.guardSize
        let all = UnsafeMutableRawPointer.allocate(byteCount: bytes + 2 * size, alignment: 64)
        all.initializeMemory(as: UInt8.self, repeating: EmulatedDevice.guardByte, count: bytes + 2 * size)
        sizes[all + size] = bytes
        return all + size
    }

    func free(_ pointer: UnsafeMutableRawPointer) {
        queue.append { [unowned self] in
            defer {
                sizes[pointer] = nil
                (pointer - EmulatedDevice.guardSize).deallocate()
            }
            return hasIntactGuards(pointer) ? nil : "something wrote outside its memory"
        }
    }

    func upload(_ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer) {
        let copy = Array(bytes)
        queue.append {
            copy.withUnsafeBytes { pointer.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
            return nil
        }
    }

    func download(_ pointer: UnsafeMutableRawPointer, to bytes: UnsafeMutableRawBufferPointer) throws(TensorError) {
        try finish()
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: bytes.count))
    }

    func multiply(_ product: MatrixProduct, rounded: RoundedOperands?) {
        products += 1
        queue.append { [cpu] in
            guard let rounded else {
                cpu.multiply(product)
                return nil
            }
            var product = product
            let (m, n, k) = (product.m, product.n, product.k)
            let a = EmulatedDevice.floats(rounded.a, (product.transposeA ? k : m) * rounded.lda)
            let b = EmulatedDevice.floats(rounded.b, (product.transposeB ? n : k) * rounded.ldb)
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    guard let a = a.baseAddress, let b = b.baseAddress else { return }
                    (product.a, product.lda, product.b, product.ldb) = (a, rounded.lda, b, rounded.ldb)
                    cpu.multiply(product)
                }
            }
            return nil
        }
    }

    private static func floats(_ halves: UnsafeMutableRawPointer, _ count: Int) -> [Float] {
        UnsafeRawBufferPointer(start: halves, count: 2 * count).bindMemory(to: UInt16.self).map {
            Float(bitPattern: UInt32($0) << 16)
        }
    }

    func launch(_ launch: KernelLaunch) {
        queue.append { [order, skipped] in
            launch.kernel.rawValue.withCString { name in
                (skipped?.file ?? "").withCString { file in
                    var description = EmulatedLaunch(
                        kernel: name, grid_x: UInt32(launch.gridX), grid_y: UInt32(launch.gridY),
                        threads: UInt32(launch.threads), order: order.rawValue, seed: 1,
                        skipped_file: skipped == nil ? nil : file, skipped_line: Int32(skipped?.line ?? 0))
                    return EmulatedDevice.run(launch, &description)
                }
            }
        }
    }

    private static func run(_ launch: KernelLaunch, _ description: inout EmulatedLaunch) -> String? {
        launch.withArguments { arguments in
            arguments.withMemoryRebound(to: UnsafeMutableRawPointer.self, capacity: launch.sizes.count) {
                emulation_launch(&description, $0, launch.sizes, Int32(launch.sizes.count)).map { String(cString: $0) }
            }
        }
    }

    func finish() throws(TensorError) {
        var messages: [String] = []
        let work = queue
        queue = []
        for item in work { if let message = item() { messages.append(message) } }
        if !sizes.keys.allSatisfy(hasIntactGuards) { messages.append("something wrote outside its memory") }
        if let message = messages.first { throw TensorError(.deviceFailed, message) }
    }

    private func hasIntactGuards(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let size = EmulatedDevice.guardSize
        return [UnsafeRawPointer(pointer - size), UnsafeRawPointer(pointer + (sizes[pointer] ?? 0))].allSatisfy {
            start in
            UnsafeRawBufferPointer(start: start, count: size).allSatisfy { $0 == EmulatedDevice.guardByte }
        }
    }
}
