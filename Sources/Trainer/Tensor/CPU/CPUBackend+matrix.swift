extension CPUBackend {
    /// Multiplications below which a product is not worth a second thread.
    private static let minimumWork = 1 << 18

    /// Shares out the rows of C, or its columns where there are more of them.
    package func multiply(_ product: MatrixProduct) {
        let (m, n) = (product.m, product.n)
        let byRows = m >= n
        let unit = 16
        let work = max(1, product.k * min(m, n))
        let grain = max(1, CPUBackend.minimumWork / (work * unit))
        pool.forRanges((max(m, n) + unit - 1) / unit, grain: grain) { units, _ in
            let range = (units.lowerBound * unit)..<min(units.upperBound * unit, max(m, n))
            var part = product
            if byRows {
                part.m = range.count
                part.a += range.lowerBound * (product.transposeA ? 1 : product.lda)
                part.c += range.lowerBound * product.ldc
            } else {
                part.n = range.count
                part.b += range.lowerBound * (product.transposeB ? product.ldb : 1)
                part.c += range.lowerBound
            }
            part.run()
        }
    }
}

extension MatrixProduct {
    /// On the calling thread.
    func run() {
        LinearAlgebra.gemm(
            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b,
            ldb: ldb, beta: beta, c: c, ldc: ldc)
    }
}
