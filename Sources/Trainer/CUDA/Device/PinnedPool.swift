import CCUDA

/// Host memory that a GPU copies from and to by itself; used again, since pinning is slow.
final class PinnedPool {
    private let driver: GPUDriver
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]

    init(_ driver: GPUDriver) { self.driver = driver }

    /// The sizes that are kept: powers of 2.
    static func size(atLeast count: Int) -> Int {
        var size = 4096
        while size < count { size *= 2 }
        return size
    }

    func take(size: Int) -> UnsafeMutableRawPointer? {
        if let pointer = free[size]?.popLast() { return pointer }
        var pointer: UnsafeMutableRawPointer?
        return driver.functions.cuMemHostAlloc(&pointer, size, 0) == cuda_success ? pointer : nil
    }

    func giveBack(_ pointer: UnsafeMutableRawPointer, size: Int) { free[size, default: []].append(pointer) }

    func close() {
        for pointer in free.values.joined() { _ = driver.functions.cuMemFreeHost(pointer) }
        free = [:]
    }
}
