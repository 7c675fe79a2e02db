/// A fixed number of zeroed floats, aligned for the widest vector instructions.
package final class FloatStorage {
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
        let floats = bytes.bindMemory(to: Float.self)
        floats.initialize(repeating: 0)
        self.count = count
        // `allocate` never returns a buffer without an address, but its type cannot say so.
        pointer = floats.baseAddress ?? UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
    }

    deinit { pointer.deallocate() }

    package var floats: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: pointer, count: count)
    }
}
