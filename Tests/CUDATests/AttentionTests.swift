import Tensor
import Testing

@testable import CUDA

/// Attention over packed samples against the CPU's, which writes scores out.
@Suite("Attention kernels")
struct AttentionTests {
    struct Case: CustomTestStringConvertible {
        let queries: [Int]
        let keys: [Int]
        let heads: Int
        let headDim: Int

        var testDescription: String { "\(queries) to \(keys), \(heads) heads of \(headDim)" }
    }

    static let cases = [
        Case(queries: [1], keys: [1], heads: 1, headDim: 32),
        // Samples without queries, without keys, without either.
        Case(queries: [3, 0, 2, 0, 5], keys: [2, 4, 0, 0, 40], heads: 2, headDim: 4),
        // Around the tiles' 16 and 32 rows.
        Case(queries: [15, 16, 17], keys: [31, 32, 33], heads: 2, headDim: 32),
        Case(queries: [70], keys: [65], heads: 1, headDim: 64),
        Case(queries: [33, 1], keys: [7, 34], heads: 2, headDim: 48),
        Case(queries: [40, 17], keys: [33, 18], heads: 1, headDim: 128),
        Case(queries: [5], keys: [50], heads: 3, headDim: 100),
    ]

    @Test("Forward and backward", arguments: TestedBackend.allCases, cases)
    func attention(backend: TestedBackend, shape: Case) {
        AttentionTests.compare(Comparison(tested: backend.make()), shape, tolerance: 2e-5)
    }

    /// Output and gradients of both sides.
    static func compare(_ both: Comparison, _ shape: Case, tolerance: Float, ofActivations: Bool = false) {
        func values(_ count: Int, seed: UInt64, scale: Double = 1) -> Comparison.Values {
            ofActivations
                ? both.activations(count, seed: seed, scale: scale) : both.values(count, seed: seed, scale: scale)
        }
        let (rows, keyRows) = (shape.queries.reduce(0, +), shape.keys.reduce(0, +))
        let dim = shape.heads * shape.headDim
        let attention = AttentionShape(
            queryLengths: shape.queries, keyLengths: shape.keys, heads: shape.heads, headDim: shape.headDim)
        // As in the model: keys and values in one row, and rows with room between.
        let (q, kv) = (values(rows * (dim + 3), seed: 1, scale: 2), values(keyRows * 2 * dim, seed: 2))
        let (out, g) = (values(rows * dim, seed: 3), values(rows * dim, seed: 4))
        let (dq, dkv) = (values(rows * (dim + 3), seed: 5), values(keyRows * 2 * dim, seed: 6))
        func part(_ pointer: UnsafeMutablePointer<Float>, _ rowStride: Int) -> AttentionTensors.Part {
            AttentionTensors.Part(pointer, rowStride: rowStride, headStride: shape.headDim)
        }
        func tensors(
            _ q: UnsafeMutablePointer<Float>, _ kv: UnsafeMutablePointer<Float>
        ) -> AttentionTensors {
            AttentionTensors(query: part(q, dim + 3), key: part(kv, 2 * dim), value: part(kv + dim, 2 * dim))
        }
        both.run { $0.attentionForward(attention, tensors(q[$1], kv[$1]), out: part(out[$1], dim)) }
        both.check(out, "out", within: tolerance)
        both.run {
            $0.attentionBackward(
                attention, tensors(q[$1], kv[$1]), outGradient: part(g[$1], dim),
                gradients: tensors(dq[$1], dkv[$1]))
        }
        both.check(dq, "gradient of queries", within: tolerance)
        both.check(dkv, "gradients of keys and values", within: tolerance)
    }

    @Test("Large scores overflow nothing, tile by tile")
    func largeScores() {
        let both = Comparison(tested: TestedBackend.random.make())
        let attention = AttentionShape(queryLengths: [9], keyLengths: [100], heads: 1, headDim: 32)
        // Rising from tile to tile.
        let (q, k, v) = (
            both.values(9 * 32, seed: 1, shift: 30), both.values(3200, seed: 2), both.values(3200, seed: 3)
        )
        for index in 0..<3200 {
            k.reference.floats[index] += Float(index / 320)
            k.tested.floats[index] += Float(index / 320)
        }
        let out = both.values(9 * 32, seed: 4)
        func part(_ pointer: UnsafeMutablePointer<Float>) -> AttentionTensors.Part {
            AttentionTensors.Part(pointer, rowStride: 32, headStride: 32)
        }
        both.run {
            $0.attentionForward(
                attention, AttentionTensors(query: part(q[$1]), key: part(k[$1]), value: part(v[$1])),
                out: part(out[$1]))
        }
        both.check(out, "out", within: 1e-4)
    }

    @Test("Heads wider than the kernels take are refused with what to do")
    func tooWide() {
        let backend = TestedBackend.random.make()
        let x = FloatStorage(count: 160, memory: backend.memory)
        let part = AttentionTensors.Part(x.pointer, rowStride: 160, headStride: 160)
        backend.attentionForward(
            AttentionShape(queryLengths: [1], keyLengths: [1], heads: 1, headDim: 160),
            AttentionTensors(query: part, key: part, value: part), out: part)
        #expect(backend.failure?.kind == .deviceFailed)
        #expect(backend.failure?.description.contains("more heads") == true)
    }
}
