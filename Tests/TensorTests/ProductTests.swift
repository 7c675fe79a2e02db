import CKernels
import Testing

@testable import Tensor

/// Our own matrix product on every instruction set that this processor has, against plain double precision.
@Suite("Matrix products")
struct ProductTests {
    static let levels = KernelTests.levels
    /// Below and above tiles (up to 12 x 32), more than one block of each dimension, and few rows or columns, whose
    /// products take another way.
    static let sizes = [
        (1, 1, 1), (3, 5, 0), (13, 33, 7), (24, 64, 40), (16, 150, 20), (150, 16, 20), (25, 49, 270),
        (125, 135, 260), (66, 780, 17),
    ]
    static let transpositions = [(false, false), (false, true), (true, false), (true, true)]

    /// C of `rows` x `columns` at (row, column) within a product of m x n x k.
    private func multiply(
        _ level: Int, _ product: MatrixProduct, rows: Range<Int>, columns: Range<Int>
    ) throws {
        let kernels = try #require(kernels_for(Int32(level))).pointee
        // What lies behind the scratch memory must stay as it is.
        let guarded = 1 << 17
        let scratch = FloatStorage(count: Int(product_scratch) + guarded)
        let behind = scratch.floats[Int(product_scratch)...].prefix(1000)
        (scratch.pointer + Int(product_scratch)).update(repeating: 7, count: guarded)
        defer { #expect(behind.allSatisfy { $0 == 7 }, "wrote behind the scratch memory") }
        let (aRow, aColumn) = product.transposeA ? (1, product.lda) : (product.lda, 1)
        let (bRow, bColumn) = product.transposeB ? (1, product.ldb) : (product.ldb, 1)
        var arguments = Product(
            m: rows.count, n: columns.count, k: product.k, a: product.a + rows.lowerBound * aRow, a_row: aRow,
            a_column: aColumn, b: product.b + columns.lowerBound * bColumn, b_row: bRow, b_column: bColumn,
            c: product.c + rows.lowerBound * product.ldc + columns.lowerBound, ldc: product.ldc, alpha: product.alpha,
            beta: product.beta)
        kernels.multiply(&arguments, scratch.pointer)
    }

    private func storage(_ count: Int, seed: UInt64) -> FloatStorage {
        let storage = FloatStorage(count: count)
        for (index, value) in noise(count, seed: seed).enumerated() { storage.floats[index] = value }
        return storage
    }

    @Test("Every size, transposition and stride is right", arguments: levels, transpositions)
    func products(level: Int, transpositions: (Bool, Bool)) throws {
        for (m, n, k) in ProductTests.sizes {
            let (transposeA, transposeB) = transpositions
            let (lda, ldb, ldc) = ((transposeA ? m : k) + 3, (transposeB ? k : n) + 1, n + 2)
            let a = storage((transposeA ? k : m) * lda + 1, seed: 1)
            let b = storage((transposeB ? n : k) * ldb + 1, seed: 2)
            let c = storage(m * ldc, seed: 3)
            var expected = c.floats.map(Double.init)
            let product = MatrixProduct(
                m: m, n: n, k: k, a: a.pointer, lda: lda, transposeA: transposeA, b: b.pointer, ldb: ldb,
                transposeB: transposeB, c: c.pointer, ldc: ldc, alpha: 0.5, beta: 2)
            try multiply(level, product, rows: 0..<m, columns: 0..<n)
            for row in 0..<m {
                for column in 0..<n {
                    let sum = (0..<k).reduce(0.0) { sum, index in
                        sum + Double(a.pointer[transposeA ? index * lda + row : row * lda + index])
                            * Double(b.pointer[transposeB ? column * ldb + index : index * ldb + column])
                    }
                    expected[row * ldc + column] = 0.5 * sum + 2 * expected[row * ldc + column]
                }
            }
            #expect(error(c.floats, expected) < 1e-5, "\(m) x \(n) x \(k)")
        }
    }

    @Test("Parts of a product are the whole's, bit for bit", arguments: levels)
    func parts(level: Int) throws {
        // The whole has many rows and columns, some parts have few.
        let (m, n, k) = (70, 140, 300)
        let (a, b) = (storage(m * k, seed: 4), storage(n * k, seed: 5))
        let (whole, cut) = (storage(m * n, seed: 6), storage(m * n, seed: 6))
        func product(_ c: FloatStorage) -> MatrixProduct {
            MatrixProduct(
                m: m, n: n, k: k, a: a.pointer, lda: k, b: b.pointer, ldb: k, transposeB: true, c: c.pointer, ldc: n,
                alpha: 0.3, beta: 0.7)
        }
        try multiply(level, product(whole), rows: 0..<m, columns: 0..<n)
        for rows in [0..<7, 7..<29, 29..<70] {
            for columns in [0..<33, 33..<140] { try multiply(level, product(cut), rows: rows, columns: columns) }
        }
        #expect(Array(whole.floats) == Array(cut.floats))
    }

    @Test("Lines that are few but too deep to be packed whole give the same, bit for bit", arguments: levels)
    func deepLines(level: Int) throws {
        let (m, n, k) = (60, 128, 2500)
        let (a, b) = (storage(m * k, seed: 11), storage(n * k, seed: 12))
        let (whole, cut) = (FloatStorage(count: m * n), FloatStorage(count: m * n))
        func product(_ c: FloatStorage) -> MatrixProduct {
            MatrixProduct(
                m: m, n: n, k: k, a: a.pointer, lda: k, b: b.pointer, ldb: k, transposeB: true, c: c.pointer, ldc: n)
        }
        try multiply(level, product(whole), rows: 0..<m, columns: 0..<n)
        for columns in [0..<16, 16..<128] { try multiply(level, product(cut), rows: 0..<m, columns: columns) }
        #expect(Array(whole.floats) == Array(cut.floats))
    }

    @Test("What C held is not read unless it counts", arguments: levels)
    func freshResult(level: Int) throws {
        let (a, b, c) = (storage(15 * 4, seed: 6), storage(4 * 35, seed: 7), FloatStorage(count: 15 * 35))
        c.pointer.update(repeating: .nan, count: c.count)
        let product = MatrixProduct(
            m: 15, n: 35, k: 4, a: a.pointer, lda: 4, b: b.pointer, ldb: 35, c: c.pointer, ldc: 35)
        try multiply(level, product, rows: 0..<15, columns: 0..<35)
        #expect(c.floats.allSatisfy { $0.isFinite })
    }

    @Test("Any number of threads gives the same product, fused GELU and bias, bit for bit")
    func threads() {
        let (m, n, k) = (300, 500, 70)
        let (a, b, bias) = (storage(m * k, seed: 8), storage(n * k, seed: 9), storage(n, seed: 10))
        func result(_ threads: Int) -> [Float] {
            let (hidden, activated) = (FloatStorage(count: m * n), FloatStorage(count: m * n))
            CPUBackend(threads: threads).multiplyGELU(
                .linear(a.pointer, weight: b.pointer, rows: m, inputs: k, outputs: n, into: hidden.pointer),
                bias: bias.pointer, activated: activated.pointer)
            return Array(hidden.floats) + Array(activated.floats)
        }
        let alone = result(1)
        #expect(result(2) == alone)
        #expect(result(5) == alone)
        let x = Double(bias.pointer[3]) + (0..<k).reduce(0.0) { $0 + Double(a.pointer[$1] * b.pointer[3 * k + $1]) }
        #expect(abs(Double(alone[3]) - x) < 1e-4)
        #expect(abs(Double(alone[m * n + 3]) - referenceGELU(x)) < 1e-4)
    }
}
