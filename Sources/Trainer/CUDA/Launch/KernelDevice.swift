package import Tensor

/// What runs kernels: a GPU, or in tests an emulation of one.
///
/// Work is done in the order it was asked for, later; what is uploaded has been read when ``upload(_:to:)`` returns.
package protocol KernelDevice: AnyObject {
    /// Zeroed memory that the host can reach as well, at a multiple of 64 bytes.
    func allocateShared(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer
    /// Memory that only the device reaches, its content undefined.
    func allocate(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer
    /// Gives back either kind, once the work so far is done.
    func free(_ pointer: UnsafeMutableRawPointer)

    func upload(_ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer) throws(TensorError)
    /// Waits for the work so far.
    func download(_ pointer: UnsafeMutableRawPointer, to bytes: UnsafeMutableRawBufferPointer) throws(TensorError)
    func launch(_ launch: KernelLaunch) throws(TensorError)
    /// From `rounded` operands if given, else from the product's own.
    func multiply(_ product: MatrixProduct, rounded: RoundedOperands?) throws(TensorError)
    /// Waits for the work so far; throws what went wrong in it.
    func finish() throws(TensorError)
}
