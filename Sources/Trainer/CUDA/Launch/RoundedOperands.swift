/// The operands of a product as bfloat16, rows ``MatrixProduct``'s but other distances between them.
package struct RoundedOperands {
    package let a: UnsafeMutableRawPointer
    /// Elements between rows, a multiple of 8: tensor cores load 16 bytes.
    package let lda: Int
    package let b: UnsafeMutableRawPointer
    package let ldb: Int
}
