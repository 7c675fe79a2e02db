/// A buffer on the device.
struct Operand {
    let pointer: UnsafeMutableRawPointer
    let number: Number
}
