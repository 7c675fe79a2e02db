import FoundationEssentials
import Tensor
import Testing
import Transformer

@testable import CUDA

/// Products from operands rounded to bfloat16.
@Suite("bfloat16")
struct PrecisionTests {
    /// To nearest, ties to even.
    private static func rounded(_ value: Float) -> Float {
        guard value.isFinite else { return value }
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    }

    @Test("Products are those of the rounded operands, transposed or not", arguments: [false, true], [false, true])
    func products(transposeA: Bool, transposeB: Bool) {
        let both = Comparison(tested: CUDABackend(EmulatedDevice(), precision: .bfloat16))
        let (m, n, k) = (5, 11, 19)
        let (lda, ldb) = ((transposeA ? m : k) + 2, (transposeB ? k : n) + 1)
        let a = both.values((transposeA ? k : m) * lda, seed: 1), b = both.values((transposeB ? n : k) * ldb, seed: 2)
        let c = both.values(m * n, seed: 3)
        for values in [a, b] {
            for index in values.reference.floats.indices {
                values.reference.floats[index] = PrecisionTests.rounded(values.reference.floats[index])
            }
        }
        both.run {
            $0.multiply(
                MatrixProduct(
                    m: m, n: n, k: k, a: a[$1], lda: lda, transposeA: transposeA, b: b[$1], ldb: ldb,
                    transposeB: transposeB, c: c[$1], ldc: n, alpha: 0.5, beta: 1))
        }
        both.check(c, "product")
    }

    @Test("Rounding keeps infinities and NaN, and rounds ties to even")
    func rounding() {
        let backend = CUDABackend(EmulatedDevice(), precision: .bfloat16)
        let values: [Float] = [
            1, -2.5, .infinity, -.infinity, .greatestFiniteMagnitude, Float(bitPattern: 0x0001_2345),
            Float(bitPattern: 0x3f80_8000),
            Float(bitPattern: 0x3f81_8000), Float(bitPattern: 0x3f80_8001), 0,
        ]
        let x = FloatStorage(count: values.count, memory: backend.memory)
        let (one, out) = (
            FloatStorage(count: 1, memory: backend.memory), FloatStorage(count: values.count, memory: backend.memory)
        )
        one.floats[0] = 1
        for (index, value) in values.enumerated() { x.floats[index] = value }
        backend.multiply(
            MatrixProduct(
                m: values.count, n: 1, k: 1, a: x.pointer, lda: 1, b: one.pointer, ldb: 1, c: out.pointer, ldc: 1))
        backend.finish()
        #expect(Array(out.floats) == values.map(PrecisionTests.rounded))
        x.floats[0] = .nan
        x.floats[1] = Float(bitPattern: 0x7f80_0001)
        backend.multiply(
            MatrixProduct(m: 2, n: 1, k: 1, a: x.pointer, lda: 1, b: one.pointer, ldb: 1, c: out.pointer, ldc: 1))
        backend.finish()
        #expect(out.floats[0].isNaN && out.floats[1].isNaN)
    }

    @Test(
        "Attention by tensor cores agrees within bfloat16's rounding", arguments: TestedBackend.rounding,
        AttentionTests.cases)
    func attention(backend: TestedBackend, shape: AttentionTests.Case) {
        let both = Comparison(tested: backend.make(.bfloat16))
        AttentionTests.compare(both, shape, tolerance: 3e-2, ofActivations: true)
    }

    @Test("A training in few bits stays near the reference's", arguments: ["tiny", "everything"], reduced)
    func golden(name: String, precision: Precision) throws {
        let backend = CUDABackend(EmulatedDevice(.reverse), precision: precision)
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/TransformerTests/Golden"
        let result = try Verification(GoldenDirectory(path: "\(folder)/\(name)"), backend: backend)
        let (losses, logits) = precision == .bfloat16 ? (1e-2, 5e-2) : (2e-3, 1e-2)
        #expect(result.losses < losses && result.logits < logits, "\(result)")
        // The roundings did take place.
        #expect(result.logits > (precision == .bfloat16 ? 1e-4 : 1e-5))
    }

    static let reduced: [Precision] = [.tf32, .bfloat16, .float16]
}
