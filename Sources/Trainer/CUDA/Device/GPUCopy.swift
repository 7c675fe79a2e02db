import CCUDA
import Tensor

/// Bytes on their way from a GPU into pinned memory.
final class GPUCopy: DeviceCopy {
    private let driver: GPUDriver
    private let pool: PinnedPool
    private let count: Int
    private let size: Int
    private let failure: (Int32) -> TensorError?
    private var pinned: UnsafeMutableRawPointer?
    private var event: UnsafeMutableRawPointer?

    init(_ driver: GPUDriver, _ pool: PinnedPool, count: Int, failure: @escaping (Int32) -> TensorError?) {
        self.driver = driver
        self.pool = pool
        self.count = count
        self.failure = failure
        size = PinnedPool.size(atLeast: count)
        pinned = pool.take(size: size)
    }

    deinit { release() }

    func start(_ address: UInt64, in stream: UnsafeMutableRawPointer?) -> Int32 {
        guard let pinned else { return Int32(cuda_error_out_of_memory) }
        let functions = driver.functions
        for status in [
            functions.cuEventCreate(&event, UInt32(cuda_event_disable_timing)),
            functions.cuMemcpyDtoHAsync_v2(pinned, address, count, stream), functions.cuEventRecord(event, stream),
        ] where status != cuda_success { return status }
        return Int32(cuda_success)
    }

    func bytes() throws(TensorError) -> [UInt8] {
        guard let pinned, let event else { return [] }
        if let failure = failure(driver.functions.cuEventSynchronize(event)) { throw failure }
        return Array(UnsafeRawBufferPointer(start: pinned, count: count))
    }

    /// What the GPU may still write to is not used again.
    private func release() {
        guard let pinned else { return }
        if let event {
            _ = driver.functions.cuEventSynchronize(event)
            _ = driver.functions.cuEventDestroy_v2(event)
        }
        pool.giveBack(pinned, size: size)
        self.pinned = nil
    }
}
