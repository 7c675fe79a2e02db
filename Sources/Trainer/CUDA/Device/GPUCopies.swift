import CCUDA
import Tensor

/// Copies between a GPU and pinned memory of the host: to the GPU in a stream of their own, from it in the stream of
/// computation, both without waiting. Methods return the driver's status.
final class GPUCopies {
    private let driver: GPUDriver
    private let compute: UnsafeMutableRawPointer?
    private var stream: UnsafeMutableRawPointer?
    /// Of the last two passes: computed; their copies done.
    private var computed: [UnsafeMutableRawPointer?] = [nil, nil]
    private var copied: [UnsafeMutableRawPointer?] = [nil, nil]
    /// What computation waits for before it reads what was copied.
    private var ready: UnsafeMutableRawPointer?
    private var hasUnawaited = false
    /// Of the present pass: 0 or 1.
    private var slot = 0
    private var blocks: [[PinnedBlock]] = [[], []]
    private let pool: PinnedPool

    private struct PinnedBlock {
        let pointer: UnsafeMutableRawPointer
        let size: Int
        var used = 0
    }

    private static let blockSize = 4 << 20

    init(_ driver: GPUDriver, compute: UnsafeMutableRawPointer?) throws(CUDAError) {
        self.driver = driver
        self.compute = compute
        pool = PinnedPool(driver)
        let functions = driver.functions
        try driver.check(functions.cuStreamCreate(&stream, UInt32(cuda_stream_non_blocking)), "make a stream")
        let flags = UInt32(cuda_event_disable_timing)
        for place in 0..<2 {
            try driver.check(functions.cuEventCreate(&computed[place], flags), "make an event")
            try driver.check(functions.cuEventCreate(&copied[place], flags), "make an event")
        }
        try driver.check(functions.cuEventCreate(&ready, flags), "make an event")
    }

    /// Gives everything back; nothing may be under way any more.
    func close() {
        if let stream { _ = driver.functions.cuStreamSynchronize(stream) }
        for block in blocks.joined() { pool.giveBack(block.pointer, size: block.size) }
        blocks = [[], []]
        pool.close()
        for event in computed + copied + [ready] where event != nil { _ = driver.functions.cuEventDestroy_v2(event) }
        (computed, copied, ready) = ([nil, nil], [nil, nil], nil)
        if let stream { _ = driver.functions.cuStreamDestroy_v2(stream) }
        stream = nil
    }

    /// The host waits only where it is two passes ahead: for the copies of the pass before the last.
    func beginPass() -> Int32 {
        let functions = driver.functions
        let statuses = [
            functions.cuEventRecord(computed[slot], compute), functions.cuEventRecord(copied[slot], stream),
            // Events that were never recorded are waited for by nobody.
            functions.cuStreamWaitEvent(stream, computed[1 - slot], 0), functions.cuEventSynchronize(copied[1 - slot]),
        ]
        slot = 1 - slot
        for place in blocks[slot].indices { blocks[slot][place].used = 0 }
        return statuses.first { $0 != cuda_success } ?? Int32(cuda_success)
    }

    func copyAhead(_ bytes: UnsafeRawBufferPointer, to address: UInt64) -> Int32 {
        guard let source = bytes.baseAddress else { return Int32(cuda_success) }
        guard let pinned = pinned(bytes.count) else { return Int32(cuda_error_out_of_memory) }
        pinned.copyMemory(from: source, byteCount: bytes.count)
        hasUnawaited = true
        return driver.functions.cuMemcpyHtoDAsync_v2(address, pinned, bytes.count, stream)
    }

    private func pinned(_ count: Int) -> UnsafeMutableRawPointer? {
        let size = (count + 63) / 64 * 64
        if let place = blocks[slot].firstIndex(where: { $0.used + size <= $0.size }) {
            defer { blocks[slot][place].used += size }
            return blocks[slot][place].pointer + blocks[slot][place].used
        }
        let whole = PinnedPool.size(atLeast: max(size, GPUCopies.blockSize))
        guard let pointer = pool.take(size: whole) else { return nil }
        blocks[slot].append(PinnedBlock(pointer: pointer, size: whole, used: size))
        return pointer
    }

    /// Computation asked for from here on waits for the copies asked for so far.
    func awaitCopies() -> Int32 {
        guard hasUnawaited else { return Int32(cuda_success) }
        hasUnawaited = false
        let recorded = driver.functions.cuEventRecord(ready, stream)
        return recorded == cuda_success ? driver.functions.cuStreamWaitEvent(compute, ready, 0) : recorded
    }

    func fetch(
        _ address: UInt64, bytes: Int, failure: @escaping (Int32) -> TensorError?
    ) -> (copy: any DeviceCopy, status: Int32) {
        let copy = GPUCopy(driver, pool, count: bytes, failure: failure)
        return (copy, copy.start(address, in: compute))
    }
}
