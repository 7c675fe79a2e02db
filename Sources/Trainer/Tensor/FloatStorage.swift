import Glibc

/// A fixed number of zeroed floats, aligned for the widest vector instructions.
///
/// Large ones come from the system in large pages, which the processor finds faster, and take memory only where they
/// have been written.
package final class FloatStorage {
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int
    private let memory: (any FloatMemory)?
    /// Bytes mapped; 0 for memory from the heap or a backend.
    private let mappedBytes: Int

    /// Bytes from which memory is mapped.
    private static let mappingThreshold = 4 << 20

    /// In the memory of a backend, or the host's own.
    package init(count: Int, memory: (any FloatMemory)? = nil) {
        self.count = count
        self.memory = memory
        if let memory {
            pointer = memory.allocate(count: max(1, count))
            mappedBytes = 0
            return
        }
        if count * 4 >= FloatStorage.mappingThreshold, let mapped = FloatStorage.map(count * 4) {
            (pointer, mappedBytes) = (mapped, count * 4)
            madvise(mapped, mappedBytes, MADV_HUGEPAGE)
            return
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
        let floats = bytes.bindMemory(to: Float.self)
        floats.initialize(repeating: 0)
        mappedBytes = 0
        // `allocate` never returns a buffer without an address, but its type cannot say so.
        pointer = floats.baseAddress ?? UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
    }

    private static func map(_ bytes: Int) -> UnsafeMutablePointer<Float>? {
        let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { return nil }
        return address.bindMemory(to: Float.self, capacity: bytes / 4)
    }

    deinit {
        if let memory {
            memory.deallocate(pointer, count: max(1, count))
        } else if mappedBytes > 0 {
            munmap(pointer, mappedBytes)
        } else {
            pointer.deallocate()
        }
    }

    package var floats: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: pointer, count: count)
    }

    /// Memory for these elements comes in small pages from now on: they are a table of which few rows are written.
    package func keepSparse(_ range: Range<Int>) {
        if let pages = pages(within: range) { madvise(pages.baseAddress, pages.count, MADV_NOHUGEPAGE) }
    }

    /// Zeroes these elements and gives their memory back until they are written again; false, and nothing is done, where
    /// memory is not mapped or the range has no whole page.
    package func discard(_ range: Range<Int>) -> Bool {
        guard let pages = pages(within: range), let start = pages.baseAddress,
            madvise(start, pages.count, MADV_DONTNEED) == 0
        else { return false }
        let first = (start - UnsafeMutableRawPointer(pointer)) / 4
        (pointer + range.lowerBound).update(repeating: 0, count: first - range.lowerBound)
        let end = first + pages.count / 4
        (pointer + end).update(repeating: 0, count: range.upperBound - end)
        return true
    }

    /// The whole pages that only these elements are in; nil without any, or for memory from the heap.
    private func pages(within range: Range<Int>) -> UnsafeMutableRawBufferPointer? {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let first = (range.lowerBound * 4 + page - 1) / page * page
        let end = range.upperBound * 4 / page * page
        guard mappedBytes > 0, first < end else { return nil }
        return UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(pointer) + first, count: end - first)
    }
}
