package import Tensor

/// What runs kernels: a GPU, or in tests an emulation of one.
///
/// Work is done in the order it was asked for, later; copies ahead are done beside it.
package protocol KernelDevice: AnyObject {
    /// Zeroed memory that the host can reach as well, at a multiple of 64 bytes.
    func allocateShared(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer
    /// Memory that only the device reaches, its content undefined, at a multiple of 256 bytes.
    func allocate(bytes: Int) throws(TensorError) -> UnsafeMutableRawPointer
    /// Gives back either kind, once the work so far is done.
    func free(_ pointer: UnsafeMutableRawPointer)

    /// Work from here on belongs to another pass. Its copies ahead begin when the pass before the last has been computed.
    func beginPass() throws(TensorError)
    /// Copies while the last pass may still be computed; `bytes` have been read when this returns, and work that is asked
    /// for later waits for the copy.
    func copyAhead(_ bytes: UnsafeRawBufferPointer, to pointer: UnsafeMutableRawPointer) throws(TensorError)
    /// A copy of what is there once the work so far is done, without waiting for it.
    func fetch(_ pointer: UnsafeMutableRawPointer, bytes: Int) throws(TensorError) -> any DeviceCopy
    func launch(_ launch: KernelLaunch) throws(TensorError)
    func multiply(_ product: DeviceProduct) throws(TensorError)
    /// Copies within the device's memory.
    func copy(from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int) throws(TensorError)
    /// These works in one piece, each of which the device has done before; nil where it makes none.
    func graph(of works: [DeviceWork]) throws(TensorError) -> (any DeviceGraph)?
    func launch(_ graph: any DeviceGraph) throws(TensorError)
    /// Waits for the work so far; throws what went wrong in it. The host may then read and write what is shared, until it
    /// asks for more work.
    func finish() throws(TensorError)
}

/// Bytes on their way from a device to the host.
package protocol DeviceCopy: AnyObject {
    /// Waits for them; throws what went wrong in the work before.
    func bytes() throws(TensorError) -> [UInt8]
}
