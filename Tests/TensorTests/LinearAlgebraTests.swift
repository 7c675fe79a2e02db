import Testing

@testable import Tensor

@Suite("Linear algebra")
struct LinearAlgebraTests {
    static let transpositions = [(false, false), (false, true), (true, false), (true, true)]

    @Test("Products are right for every transposition, stride and share of threads", arguments: transpositions, [1, 3])
    func products(transpositions: (Bool, Bool), threads: Int) {
        let backend = CPUBackend(threads: threads)
        for (m, n, k) in [(1, 1, 1), (5, 7, 3), (130, 70, 65), (33, 257, 40), (100, 9, 0)] {
            let (transposeA, transposeB) = transpositions
            let (lda, ldb, ldc) = ((transposeA ? m : k) + 3, (transposeB ? k : n) + 1, n + 2)
            let a = noise((transposeA ? k : m) * lda, seed: 1)
            let b = noise((transposeB ? n : k) * ldb, seed: 2)
            let before = noise(m * ldc, seed: 3)
            var c = before
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    c.withUnsafeMutableBufferPointer { c in
                        // With k = 0 the operands are empty arrays, whose addresses are never read.
                        let empty = FloatStorage(count: 1)
                        backend.multiply(
                            MatrixProduct(
                                m: m, n: n, k: k, a: a.baseAddress ?? UnsafePointer(empty.pointer), lda: lda,
                                transposeA: transposeA, b: b.baseAddress ?? UnsafePointer(empty.pointer), ldb: ldb,
                                transposeB: transposeB, c: c.baseAddress ?? empty.pointer, ldc: ldc, alpha: 0.5,
                                beta: 2))
                    }
                }
            }
            var expected = before.map(Double.init)
            for row in 0..<m {
                for column in 0..<n {
                    let sum = (0..<k).reduce(0.0) { sum, index in
                        sum + Double(a[transposeA ? index * lda + row : row * lda + index])
                            * Double(b[transposeB ? column * ldb + index : index * ldb + column])
                    }
                    expected[row * ldc + column] = 0.5 * sum + 2 * expected[row * ldc + column]
                }
            }
            #expect(error(c, expected) < 1e-5)
        }
    }

    @Test("The convenience takes arrays and assumes no gaps")
    func convenience() {
        var c = [Float](repeating: .nan, count: 4)
        LinearAlgebra.gemm(m: 2, n: 2, k: 3, a: [1, 2, 3, 4, 5, 6], b: [1, 0, 0, 1, 1, 1], c: &c)
        #expect(c == [4, 5, 10, 11])
    }

    @Test("Eigenvectors are unit rows that the matrix only stretches, values ascending")
    func eigen() throws {
        let order = 20
        let half = noise(order * order, seed: 4)
        var matrix = [Float](repeating: 0, count: order * order)
        LinearAlgebra.gemm(transposeB: true, m: order, n: order, k: order, a: half, b: half, c: &matrix)
        let (values, vectors) = try LinearAlgebra.symmetricEigen(matrix, order: order)
        #expect(values == values.sorted())
        for index in 0..<order {
            let vector = Array(vectors[row: index, order])
            var stretched = vector
            LinearAlgebra.gemm(m: order, n: 1, k: order, a: matrix, b: vector, c: &stretched)
            #expect(error(stretched, vector.map { Double($0) * Double(values[index]) }) < 1e-4)
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
    }

    @Test("A matrix that is not square is refused")
    func notSquare() {
        #expect(throws: TensorError.self) { try LinearAlgebra.symmetricEigen([1, 2, 3], order: 2) }
    }
}
