/// A fixed number of zeroed floats, aligned for the widest vector instructions.
package final class FloatStorage {
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int
    private let memory: (any FloatMemory)?

    /// In the memory of a backend, or the host's own.
    package init(count: Int, memory: (any FloatMemory)? = nil) {
        self.count = count
        self.memory = memory
        if let memory {
            pointer = memory.allocate(count: max(1, count))
            return
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
        let floats = bytes.bindMemory(to: Float.self)
        floats.initialize(repeating: 0)
        // `allocate` never returns a buffer without an address, but its type cannot say so.
        pointer = floats.baseAddress ?? UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
    }

    deinit {
        if let memory { memory.deallocate(pointer, count: max(1, count)) } else { pointer.deallocate() }
    }

    package var floats: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: pointer, count: count)
    }
}
