import Tensor

/// Something that a device computes, as a value: with equal works it does the same to the same memory.
package enum DeviceWork: Hashable {
    case launch(KernelLaunch)
    case multiply(DeviceProduct)
    case copy(from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int)
}

extension KernelDevice {
    /// Asks for each by itself.
    func compute(_ works: [DeviceWork]) throws(TensorError) {
        for work in works {
            switch work {
            case .launch(let launch): try self.launch(launch)
            case .multiply(let product): try multiply(product)
            case .copy(let from, let to, let bytes): try copy(from: from, to: to, bytes: bytes)
            }
        }
    }
}

/// Works in one piece that a device does again and again.
package protocol DeviceGraph: AnyObject {}
