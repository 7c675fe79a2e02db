import Tensor

@testable import CUDA

/// What cuBLASLt computes, by the CPU: operands and results in their kinds of numbers, sums in float32.
struct EmulatedProduct {
    private let product: DeviceProduct

    init(_ product: DeviceProduct) { self.product = product }

    func compute(_ cpu: CPUBackend) {
        let (m, n, k) = (product.m, product.n, product.k)
        var a = floats(product.a, rows: product.transposeA ? k : m, columns: product.transposeA ? m : k)
        var b = floats(product.b, rows: product.transposeB ? n : k, columns: product.transposeB ? k : n)
        if product.isTF32 { for index in a.indices { a[index] = EmulatedProduct.tf32(a[index]) } }
        if product.isTF32 { for index in b.indices { b[index] = EmulatedProduct.tf32(b[index]) } }
        // What beta 0 multiplies is not read: it may be NaN.
        var c = product.beta == 0 ? [Float](repeating: 0, count: m * n) : floats(product.c, rows: m, columns: n)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeMutableBufferPointer { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                    cpu.multiply(
                        MatrixProduct(
                            m: m, n: n, k: k, a: a, lda: product.transposeA ? m : k, transposeA: product.transposeA,
                            b: b, ldb: product.transposeB ? k : n, transposeB: product.transposeB, c: c, ldc: n,
                            alpha: product.alpha, beta: product.beta))
                }
            }
        }
        if let bias = product.bias {
            let row = DeviceProduct.Matrix(pointer: bias, stride: n, number: product.d.number)
            let bias = floats(row, rows: 1, columns: n)
            for index in c.indices { c[index] += bias[index % n] }
        }
        for row in 0..<m {
            for column in 0..<n {
                EmulatedProduct.store(
                    c[row * n + column], product.d.number, at: product.d.pointer, row * product.d.stride + column)
            }
        }
    }

    /// Rows without gaps.
    private func floats(_ matrix: DeviceProduct.Matrix, rows: Int, columns: Int) -> [Float] {
        (0..<rows).flatMap { row in
            let start = matrix.pointer + row * matrix.stride * matrix.number.size
            return matrix.number.floats(
                Array(UnsafeRawBufferPointer(start: start, count: columns * matrix.number.size)))
        }
    }

    private static func store(_ value: Float, _ number: Number, at pointer: UnsafeMutableRawPointer, _ index: Int) {
        switch number {
        case .float32: (pointer + 4 * index).storeBytes(of: value, as: Float.self)
        case .bfloat16: (pointer + 2 * index).storeBytes(of: bfloat16(value), as: UInt16.self)
        case .float16: (pointer + 2 * index).storeBytes(of: Float16(value), as: Float16.self)
        }
    }

    /// To nearest, ties to even.
    static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        guard !value.isNaN else { return UInt16(bits >> 16) | 0x40 }
        return UInt16((UInt64(bits) + 0x7fff + UInt64(bits >> 16 & 1)) >> 16)
    }

    /// 10 bits of fraction.
    static func tf32(_ value: Float) -> Float {
        guard value.isFinite else { return value }
        return Float(bitPattern: (value.bitPattern &+ 0x1000) & 0xffff_e000)
    }
}
