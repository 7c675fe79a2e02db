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
    /// What went wrong in work that has been done.
    private var failure: String?
    /// Work asked for and done so far.
    private var asked = 0
    private var done = 0
    /// What had been asked for when each of the last two passes began.
    private var passes = [0, 0]
    /// Copies ahead are done as early as they may be, else as late.
    private let copiesEarly: Bool
    /// Bytes of what is allocated, by address.
    private var sizes: [UnsafeMutableRawPointer: Int] = [:]
    /// How often the host has waited for all work.
    private(set) var waits = 0
    /// Products asked for.
    private(set) var products = 0
    /// Whether it makes graphs, as drivers before CUDA 11.4 do not.
    private let makesGraphs: Bool
    private(set) var graphsMade = 0
    private(set) var graphLaunches = 0
    /// Graphs that someone still has.
    fileprivate(set) var graphsKept = 0
    private var known: Set<DeviceWork> = []

    /// Bytes before and after each allocation that nobody may write and whose floats are NaN.
    private static let guardSize = 256
    private static let guardByte: UInt8 = 0xff

    init(
        _ order: Order = .random, limit: Int = 1 << 30, skipping skipped: Barrier? = nil, copiesEarly: Bool = true,
        makesGraphs: Bool = true
    ) {
        self.makesGraphs = makesGraphs
        self.order = order
        self.skipped = skipped
        self.limit = limit
        self.copiesEarly = copiesEarly
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
        enqueue { [unowned self] in
            defer {
                sizes[pointer] = nil
                (pointer - EmulatedDevice.guardSize).deallocate()
            }
            return hasIntactGuards(pointer) ? nil : "something wrote outside its memory"
        }
    }

    /// `work` gives what went wrong.
    func enqueue(_ work: @escaping () -> String?) {
        asked += 1
        queue.append(work)
    }

    func beginPass() { passes = [passes[1], asked] }

    func copyAhead(_ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer) {
        let copy = Array(bytes)
        func work() -> String? {
            copy.withUnsafeBytes { pointer.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
            return nil
        }
        guard copiesEarly else { return enqueue(work) }
        // Before all that was asked for since the pass before the last ended.
        run(to: passes[0])
        _ = work()
    }

    func fetch(_ pointer: UnsafeMutableRawPointer, bytes: Int) -> any DeviceCopy {
        let copy = EmulatedCopy(self)
        enqueue {
            copy.content = Array(UnsafeRawBufferPointer(start: pointer, count: bytes))
            return nil
        }
        return copy
    }

    func copy(from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int) {
        known.insert(.copy(from: from, to: to, bytes: bytes))
        enqueue {
            to.copyMemory(from: from, byteCount: bytes)
            return nil
        }
    }

    func multiply(_ product: DeviceProduct) {
        products += 1
        known.insert(.multiply(product))
        enqueue { [cpu] in
            guard product.a.number == product.b.number, product.c.number == product.d.number else {
                return "a product of kinds that cuBLASLt does not multiply"
            }
            EmulatedProduct(product).compute(cpu)
            return nil
        }
    }

    func launch(_ launch: KernelLaunch) {
        known.insert(.launch(launch))
        enqueue { [order, skipped] in
            launch.kernel.name.withCString { name in
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

    /// Holds what the works say now, as a driver's graph holds its kernels' arguments.
    func graph(of works: [DeviceWork]) throws(TensorError) -> (any DeviceGraph)? {
        guard makesGraphs else { return nil }
        // What is done for the first time loads and allocates, which a driver refuses while a graph is made.
        guard works.allSatisfy(known.contains) else {
            throw TensorError(.deviceFailed, "a graph of work that was never done")
        }
        graphsMade += 1
        return EmulatedGraph(works, self)
    }

    func launch(_ graph: any DeviceGraph) throws(TensorError) {
        graphLaunches += 1
        try compute((graph as? EmulatedGraph)?.works ?? [])
    }

    private static func run(_ launch: KernelLaunch, _ description: inout EmulatedLaunch) -> String? {
        launch.withArguments { arguments in
            arguments.withMemoryRebound(to: UnsafeMutableRawPointer.self, capacity: launch.sizes.count) {
                emulation_launch(&description, $0, launch.sizes, Int32(launch.sizes.count)).map { String(cString: $0) }
            }
        }
    }

    func finish() throws(TensorError) {
        waits += 1
        run(to: asked)
        if !sizes.keys.allSatisfy(hasIntactGuards) { failure = failure ?? "something wrote outside its memory" }
        try check()
    }

    fileprivate func check() throws(TensorError) {
        if let failure { throw TensorError(.deviceFailed, failure) }
    }

    /// Does the work until so much has been done.
    private func run(to count: Int) {
        while done < count, !queue.isEmpty {
            let work = queue.removeFirst()
            done += 1
            if let message = work() { failure = failure ?? message }
        }
    }

    /// Does the work until the copy has been made.
    fileprivate func run(until copy: EmulatedCopy) {
        while copy.content == nil, !queue.isEmpty { run(to: done + 1) }
    }

    private func hasIntactGuards(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let size = EmulatedDevice.guardSize
        return [UnsafeRawPointer(pointer - size), UnsafeRawPointer(pointer + (sizes[pointer] ?? 0))].allSatisfy {
            start in
            UnsafeRawBufferPointer(start: start, count: size).allSatisfy { $0 == EmulatedDevice.guardByte }
        }
    }
}

private final class EmulatedGraph: DeviceGraph {
    let works: [DeviceWork]
    private let device: EmulatedDevice

    init(_ works: [DeviceWork], _ device: EmulatedDevice) {
        self.works = works
        self.device = device
        device.graphsKept += 1
    }

    deinit { device.graphsKept -= 1 }
}

private final class EmulatedCopy: DeviceCopy {
    var content: [UInt8]?
    private let device: EmulatedDevice

    init(_ device: EmulatedDevice) { self.device = device }

    func bytes() throws(TensorError) -> [UInt8] {
        device.run(until: self)
        try device.check()
        return content ?? []
    }
}
