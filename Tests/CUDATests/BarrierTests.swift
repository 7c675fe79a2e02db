import Tensor
import Testing

@testable import CUDA

/// A `__syncthreads()` in the kernels' sources.
struct Barrier: CustomTestStringConvertible, Hashable {
    let file: String
    let line: Int

    var testDescription: String { "\(file):\(line)" }

    static let all: [Barrier] = KernelSources.files.flatMap { file in
        file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { $0.element.contains("__syncthreads()") }
            .map { Barrier(file: file.name, line: $0.offset + 1) }
    }
}

/// The emulation's reason to be: each barrier that the kernels have is needed, and leaving it out shows.
@Suite("Barriers")
struct BarrierTests {
    @Test("A kernel without one of its barriers computes something else in some order", arguments: Barrier.all)
    func leftOut(barrier: Barrier) throws {
        let expected = try #require(BarrierTests.results(.forward, of: barrier.file, skipping: nil))
        let shows = EmulatedDevice.Order.allCases.contains { order in
            BarrierTests.results(order, of: barrier.file, skipping: barrier) != expected
        }
        #expect(shows)
    }

    @Test(
        "No order changes a bit of what kernels with barriers compute", arguments: Set(Barrier.all.map(\.file)).sorted()
    )
    func orders(file: String) {
        let results = EmulatedDevice.Order.allCases.map { order in
            BarrierTests.results(order, of: file, skipping: nil) ?? []
        }
        #expect(!results[0].isEmpty && results[0] == results[1] && results[0] == results[2])
    }

    /// The bits of what a file's kernels compute; nil if the emulation found one at fault.
    private static func results(
        _ order: EmulatedDevice.Order, of file: String, skipping barrier: Barrier?
    ) -> [UInt32]? {
        let precision: Precision = file.contains("BF16") ? .bfloat16 : .float32
        let backend = CUDABackend(EmulatedDevice(order, skipping: barrier), precision: precision)
        let work = Exercise(Comparison(tested: backend), ofActivations: file.contains("BF16"))
        let results =
            switch file {
            case "Common.cuh": work.layerNorm() + work.norm()
            case "ColumnSums.cu": work.columnSums()
            case "CrossEntropy.cu": work.crossEntropy()
            case "Embedding.cu": work.scatter()
            case "Sampling.cu": work.draws()
            default: [32, 64, 128].flatMap { work.attention(headDim: $0) }
            }
        return backend.failure == nil ? results : nil
    }
}

/// Work of the kernels that have barriers, and the bits of its results.
private struct Exercise {
    private let both: Comparison
    private let rows = 40
    private let dim = 96

    private let ofActivations: Bool

    init(_ both: Comparison, ofActivations: Bool) {
        self.both = both
        self.ofActivations = ofActivations
    }

    private func values(_ count: Int, seed: UInt64) -> FloatStorage {
        (ofActivations ? both.activations(count, seed: seed) : both.values(count, seed: seed)).tested
    }

    private func bits(_ storages: FloatStorage...) -> [UInt32] {
        storages.flatMap { storage in
            both.tested.withValues(of: storage.pointer, count: storage.count) { $0.map(\.bitPattern) }
        }
    }

    func draws() -> [UInt32] {
        var draws = TokenDraws(columns: 700, range: 0..<700, guidance: 1, temperature: 0.7, kept: 40, topP: 0.9)
        for row in 0..<3 { draws.add(row: row, other: nil, uniform: 0.3 * Double(row)) }
        let drawn = both.tested.draw(draws, logits: values(3 * 700, seed: 1).pointer) ?? []
        return drawn.flatMap { [UInt32($0.token), UInt32(truncatingIfNeeded: $0.logProbability.bitPattern)] }
    }

    func layerNorm() -> [UInt32] {
        let (x, y, z) = (values(rows * dim, seed: 1), values(rows * dim, seed: 2), values(rows * dim, seed: 3))
        let (w, dw) = (values(dim, seed: 4), values(dim, seed: 5))
        let (mean, inverse) = (values(rows, seed: 6), values(rows, seed: 7))
        both.tested.layerNormBackward(
            inputGradient: x.pointer, weightGradient: dw.pointer, outGradient: y.pointer, input: z.pointer,
            mean: mean.pointer, inverseDeviation: inverse.pointer, weight: w.pointer, rows: rows, dim: dim)
        return bits(x, dw)
    }

    func norm() -> [UInt32] {
        let norm = both.tested.norm(values(5000, seed: 1).pointer, count: 5000).bitPattern
        return [UInt32(truncatingIfNeeded: norm), UInt32(norm >> 32)]
    }

    func columnSums() -> [UInt32] {
        let (sums, x) = (values(dim, seed: 1), values(rows * dim, seed: 2))
        both.tested.addColumnSums(sums.pointer, of: x.pointer, rows: rows, dim: dim)
        return bits(sums)
    }

    func scatter() -> [UInt32] {
        let (table, x) = (values(3 * dim, seed: 1), values(rows * dim, seed: 2))
        both.tested.scatterAdd(
            table: table.pointer, input: x.pointer, indices: (0..<Int32(rows)).map { $0 % 3 }, dim: dim)
        return bits(table)
    }

    func crossEntropy() -> [UInt32] {
        let logits = values(5 * 1000, seed: 1)
        let losses = both.tested.crossEntropy(
            logits: logits.pointer, targets: [0, 700, 3, 90, 5], scale: [1, 2, 3, 4, 5], columns: 1000)
        return bits(logits) + losses.map(\.bitPattern)
    }

    func attention(headDim: Int) -> [UInt32] {
        let (queries, keys) = (40, 70)
        let shape = AttentionShape(queryLengths: [queries], keyLengths: [keys], heads: 1, headDim: headDim)
        let q = values(queries * headDim, seed: 1), g = values(queries * headDim, seed: 2)
        let k = values(keys * headDim, seed: 3), v = values(keys * headDim, seed: 4)
        let out = values(queries * headDim, seed: 5), dq = values(queries * headDim, seed: 6)
        let dk = values(keys * headDim, seed: 7), dv = values(keys * headDim, seed: 8)
        func part(_ storage: FloatStorage) -> AttentionTensors.Part {
            AttentionTensors.Part(storage.pointer, rowStride: headDim, headStride: headDim)
        }
        let tensors = AttentionTensors(query: part(q), key: part(k), value: part(v))
        both.tested.attentionForward(shape, tensors, out: part(out))
        both.tested.attentionBackward(
            shape, tensors, outGradient: part(g),
            gradients: AttentionTensors(query: part(dq), key: part(dk), value: part(dv)))
        return bits(out, dq, dk, dv)
    }
}
