/// Who gives the memory that buffers lie in, where the host's own will not do.
package protocol FloatMemory: AnyObject {
    /// Zeroed floats at a multiple of 64 bytes, which the host can reach too. Always memory: what cannot be had is told
    /// as ``Backend/failure``.
    func allocate(count: Int) -> UnsafeMutablePointer<Float>
    /// Gives back what ``allocate(count:)`` gave.
    func deallocate(_ pointer: UnsafeMutablePointer<Float>, count: Int)
}
