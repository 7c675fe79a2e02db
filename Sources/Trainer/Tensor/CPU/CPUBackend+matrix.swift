import CKernels

extension CPUBackend {
    /// Multiplications below which a product is not worth a second thread.
    private static let minimumWork = 1 << 18
    /// Rows or columns of C that a part should have, so that packing the other operand again costs little.
    private static let partSize = 192

    package func multiply(_ product: MatrixProduct) { multiply(product) { _, _ in } }

    package func multiplyGELU(_ product: MatrixProduct, bias: Buffer?, activated: Buffer) {
        multiply(product) { rows, columns in
            // While this part of C is in the caches.
            for row in rows {
                let start = row * product.ldc + columns.lowerBound
                if let bias { kernels.add(product.c + start, bias + columns.lowerBound, columns.count) }
                kernels.gelu_forward(activated + start, product.c + start, columns.count)
            }
        }
    }

    /// Shares out the rows of C, or its columns where there are more of them; calls `then` after each part.
    private func multiply(_ product: MatrixProduct, then: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
        let (m, n) = (product.m, product.n)
        let byRows = m >= n
        let (length, unit) = (max(m, n), byRows ? kernels.tile_rows : kernels.tile_columns)
        let work = max(1, product.k * min(m, n))
        let grain = max(CPUBackend.partSize, CPUBackend.minimumWork / work)
        let units = (length + unit - 1) / unit
        // As many parts as threads; more only where they stay large.
        let parts = max(min(threads, units, (length * work) / CPUBackend.minimumWork), min(2 * threads, length / grain))
        pool.run(pieces: max(1, parts)) { part, worker in
            let count = max(1, parts)
            let range = (part * units / count * unit)..<min((part + 1) * units / count * unit, length)
            guard !range.isEmpty else { return }
            multiply(byRows ? product.rows(range) : product.columns(range), worker)
            then(byRows ? range : 0..<m, byRows ? 0..<n : range)
        }
    }

    /// On the calling thread.
    func multiply(_ product: MatrixProduct, _ worker: Int) {
        var arguments = Product(
            m: product.m, n: product.n, k: product.k, a: product.a, a_row: product.transposeA ? 1 : product.lda,
            a_column: product.transposeA ? product.lda : 1, b: product.b,
            b_row: product.transposeB ? 1 : product.ldb, b_column: product.transposeB ? product.ldb : 1,
            c: product.c, ldc: product.ldc, alpha: product.alpha, beta: product.beta)
        kernels.multiply(&arguments, packing[worker].pointer)
    }
}

extension MatrixProduct {
    fileprivate func rows(_ range: Range<Int>) -> MatrixProduct {
        var part = self
        part.m = range.count
        part.a += range.lowerBound * (transposeA ? 1 : lda)
        part.c += range.lowerBound * ldc
        return part
    }

    fileprivate func columns(_ range: Range<Int>) -> MatrixProduct {
        var part = self
        part.n = range.count
        part.b += range.lowerBound * (transposeB ? ldb : 1)
        part.c += range.lowerBound
        return part
    }
}
