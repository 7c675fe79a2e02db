/// Something that a device computes, as a value: with equal works it does the same to the same memory.
package enum DeviceWork: Hashable {
    case launch(KernelLaunch)
    case multiply(DeviceProduct)
    case copy(from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer, bytes: Int)
}

/// Works in one piece that a device does again and again.
package protocol DeviceGraph: AnyObject {}
