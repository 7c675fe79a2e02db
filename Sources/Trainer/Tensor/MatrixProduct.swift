/// One matrix product, m x k by k x n. Leading dimensions are the distances between stored rows.
package struct MatrixProduct {
    package var m: Int
    package var n: Int
    package var k: Int
    package var a: UnsafePointer<Float>
    package var lda: Int
    package var transposeA = false
    package var b: UnsafePointer<Float>
    package var ldb: Int
    package var transposeB = false
    package var c: UnsafeMutablePointer<Float>
    package var ldc: Int
    package var alpha: Float = 1
    package var beta: Float = 0

    package init(
        m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int, transposeA: Bool = false, b: UnsafePointer<Float>,
        ldb: Int, transposeB: Bool = false, c: UnsafeMutablePointer<Float>, ldc: Int, alpha: Float = 1, beta: Float = 0
    ) {
        (self.m, self.n, self.k) = (m, n, k)
        (self.a, self.lda, self.transposeA) = (a, lda, transposeA)
        (self.b, self.ldb, self.transposeB) = (b, ldb, transposeB)
        (self.c, self.ldc, self.alpha, self.beta) = (c, ldc, alpha, beta)
    }
}

extension MatrixProduct {
    package typealias Buffer = UnsafeMutablePointer<Float>

    /// out = input * weightᵀ, as a linear layer of weight [outputs, inputs] computes it.
    package static func linear(
        _ input: Buffer, weight: Buffer, rows: Int, inputs: Int, outputs: Int, into out: Buffer
    ) -> MatrixProduct {
        MatrixProduct(
            m: rows, n: outputs, k: inputs, a: input, lda: inputs, b: weight, ldb: inputs, transposeB: true, c: out,
            ldc: outputs)
    }

    /// inputGradient = outGradient * weight.
    package static func linearInputGradient(
        _ outGradient: Buffer, weight: Buffer, rows: Int, inputs: Int, outputs: Int, into inputGradient: Buffer
    ) -> MatrixProduct {
        MatrixProduct(
            m: rows, n: inputs, k: outputs, a: outGradient, lda: outputs, b: weight, ldb: inputs, c: inputGradient,
            ldc: inputs)
    }

    /// weightGradient = outGradientᵀ * input, added to what it holds if it `accumulates`.
    package static func linearWeightGradient(
        _ outGradient: Buffer, input: Buffer, rows: Int, inputs: Int, outputs: Int, into weightGradient: Buffer,
        accumulates: Bool = true
    ) -> MatrixProduct {
        MatrixProduct(
            m: outputs, n: inputs, k: rows, a: outGradient, lda: outputs, transposeA: true, b: input, ldb: inputs,
            c: weightGradient, ldc: inputs, beta: accumulates ? 1 : 0)
    }
}
