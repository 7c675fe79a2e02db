import COpenBLAS

/// Dense linear algebra on row-major matrices, by OpenBLAS on the calling thread alone.
package enum LinearAlgebra {
    /// OpenBLAS's own threads would fight with ours, so each call runs on its caller's thread.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// C = alpha * op(A) * op(B) + beta * C, with C of `m` x `n` and the inner dimension `k`, all row-major.
    ///
    /// `lda`, `ldb` and `ldc` are the distances between rows as stored (before a transposition); nil means rows
    /// follow each other without gaps. With `beta` 0, what C held is not read.
    package static func gemm(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, alpha: Float = 1,
        a: UnsafePointer<Float>, lda: Int? = nil, b: UnsafePointer<Float>, ldb: Int? = nil, beta: Float = 0,
        c: UnsafeMutablePointer<Float>, ldc: Int? = nil
    ) {
        _ = singleThreaded
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(m), blasint(n), blasint(k), alpha, a, blasint(max(1, lda ?? (transposeA ? m : k))),
            b, blasint(max(1, ldb ?? (transposeB ? k : n))), beta, c, blasint(ldc ?? n))
    }

    /// Eigenvalues, ascending, and eigenvectors of a symmetric matrix of `order` x `order` (LAPACK ssyevd).
    ///
    /// Row i of `vectors` (row-major) is the unit eigenvector of `values[i]`. Only one triangle is read.
    package static func symmetricEigen(
        _ matrix: [Float], order: Int
    ) throws(TensorError) -> (values: [Float], vectors: [Float]) {
        guard order > 0, matrix.count == order * order else {
            throw TensorError(
                .wrongShape, "a symmetric matrix of order \(order) needs \(order * order) values, not \(matrix.count)")
        }
        _ = singleThreaded
        // LAPACK is column-major: its eigenvector columns are our rows, and the triangle read does not matter.
        var vectors = matrix
        var values = [Float](repeating: 0, count: order)
        var n = blasint(order)
        var workSize: Float = 0
        var (integerWorkSize, info, query) = (blasint(0), blasint(0), blasint(-1))
        ssyevd_("V", "U", &n, &vectors, &n, &values, &workSize, &query, &integerWorkSize, &query, &info, 1, 1)
        var lwork = blasint(workSize.nextUp.rounded(.up))
        var work = [Float](repeating: 0, count: Int(lwork))
        var integerWork = [blasint](repeating: 0, count: Int(integerWorkSize))
        ssyevd_(
            "V", "U", &n, &vectors, &n, &values, &work, &lwork, &integerWork, &integerWorkSize, &info, 1, 1)
        guard info == 0 else {
            throw TensorError(
                .noConvergence,
                "the eigenvalues of a matrix of order \(order) were not found (ssyevd \(info)); look for NaN in its data"
            )
        }
        return (values, vectors)
    }
}
