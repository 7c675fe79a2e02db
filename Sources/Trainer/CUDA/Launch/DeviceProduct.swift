/// A matrix product as a device computes it: D = alpha * op(A) * op(B) + beta * C + bias, row-major.
package struct DeviceProduct: Hashable {
    package struct Matrix: Hashable {
        package let pointer: UnsafeMutableRawPointer
        /// Elements between rows.
        package let stride: Int
        package let number: Number
    }

    package let m: Int
    package let n: Int
    package let k: Int
    package var a: Matrix
    package let transposeA: Bool
    package var b: Matrix
    package let transposeB: Bool
    /// Of D's kind; D itself unless something else is added.
    package var c: Matrix
    package let d: Matrix
    package let alpha: Float
    package var beta: Float
    /// Added to each row; of D's kind.
    package var bias: UnsafeMutableRawPointer?
    /// Operands of float32 are rounded to 10 bits of fraction.
    package let isTF32: Bool
}
