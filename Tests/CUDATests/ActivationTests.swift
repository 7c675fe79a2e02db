import Tensor
import Testing

@testable import CUDA

/// Kernels whose activations are kept in 16 bits: what they read is rounded before, so that they may be off by the
/// rounding of their results alone.
@Suite("Activations in 16 bits")
struct ActivationTests {
    static let precisions: [Precision] = [.bfloat16, .float16]

    private static func comparison(_ precision: Precision) -> Comparison {
        Comparison(tested: CUDABackend(EmulatedDevice(), precision: precision))
    }

    /// Half a unit of the last place, and a little for float32's own.
    private static func tolerance(_ precision: Precision) -> Float { precision == .bfloat16 ? 0.004 : 0.0005 }

    @Test("Norms, from float32 and from gradients of 16 bits", arguments: precisions)
    func layerNorm(precision: Precision) {
        let (both, tolerance) = (ActivationTests.comparison(precision), ActivationTests.tolerance(precision))
        let (rows, dim) = (9, 101)
        let (x, w) = (both.values(rows * dim, seed: 1, shift: 2), both.values(dim, seed: 2))
        let (out, g) = (both.activations(rows * dim, seed: 3), both.activations(rows * dim, seed: 4))
        let (mean, inverse) = (both.values(rows, seed: 5), both.values(rows, seed: 6))
        let (dx, dw, bias) = (both.values(rows * dim, seed: 7), both.values(dim, seed: 8), both.values(dim, seed: 9))
        both.run {
            $0.layerNormForward(
                out: out[$1], mean: mean[$1], inverseDeviation: inverse[$1], input: x[$1], weight: w[$1], rows: rows,
                dim: dim)
        }
        both.check(out, "out", within: tolerance)
        both.run {
            $0.layerNormBackward(
                inputGradient: dx[$1], weightGradient: dw[$1], outGradient: g[$1], input: x[$1], mean: mean[$1],
                inverseDeviation: inverse[$1], weight: w[$1], rows: rows, dim: dim)
            $0.addColumnSums(bias[$1], of: g[$1], rows: rows, dim: dim)
        }
        both.check(dx, "input's gradient", within: 1e-5)
        both.check(dw, "weight's gradient", within: 1e-5)
        both.check(bias, "bias's gradient", within: 1e-5)
    }

    @Test("Activation functions, biases and rotations", arguments: precisions, [false, true])
    func elementwise(precision: Precision, hasBias: Bool) {
        let (both, tolerance) = (ActivationTests.comparison(precision), ActivationTests.tolerance(precision))
        // An odd number of elements in all.
        let (m, n, k, ldc) = (5, 37, 5, hasBias ? 40 : 37)
        let (a, b, bias) = (both.activations(m * k, seed: 1), both.activations(n * k, seed: 2), both.values(n, seed: 3))
        let (c, activated, g) = (
            both.activations(m * ldc, seed: 4), both.activations(m * ldc, seed: 5), both.activations(m * ldc, seed: 6)
        )
        both.run {
            $0.multiplyGELU(
                MatrixProduct(
                    m: m, n: n, k: k, a: a[$1], lda: k, b: b[$1], ldb: k, transposeB: true, c: c[$1], ldc: ldc),
                bias: hasBias ? bias[$1] : nil, activated: activated[$1])
        }
        both.check(c, "hidden", within: 2 * tolerance)
        both.check(activated, "activated", within: 3 * tolerance)
        both.run { $0.geluBackward(gradient: g[$1], input: c[$1], count: m * ldc) }
        both.check(g, "gradient", within: 4 * tolerance)
        both.check(c, "activated again", within: 3 * tolerance)
        both.run { $0.addRow(g[$1], bias[$1], rows: m, dim: n) }
        both.check(g, "row added", within: 4 * tolerance)

        let (x, out, dx) = (
            both.activations(2 * 6 * 33, seed: 7), both.activations(6 * 33, seed: 8), both.activations(396, seed: 9)
        )
        both.run {
            $0.gatedSiLUBackward(inputGradient: dx[$1], outGradient: out[$1], input: x[$1], rows: 6, half: 33)
            $0.gatedSiLUForward(out: out[$1], input: x[$1], rows: 6, half: 33)
        }
        both.check(out, "gated", within: tolerance)
        both.check(dx, "gradient of the gate", within: tolerance)
        let rotations = [
            Comparison.Side.reference: Rotation(positions: 12, headDim: 6),
            .tested: Rotation(positions: 12, headDim: 6, memory: both.tested.memory),
        ]
        both.run {
            guard let rotation = rotations[$1] else { return }
            $0.rotate(
                .init(x[$1], rowStride: 20, headStride: 6), rotation, positions: [3, 0, 11], heads: 3, back: false)
        }
        both.check(x, "turned", within: tolerance)
    }

    @Test("Products add a bias and the residual stream as they store", arguments: [.tf32] + precisions)
    func epilogues(precision: Precision) {
        let (both, tolerance) = (ActivationTests.comparison(precision), ActivationTests.tolerance(precision))
        let (m, n, k) = (7, 12, 33)
        let (a, w) = (both.activations(m * k, seed: 1), both.activations(n * k, seed: 2))
        let (bias, residual) = (both.values(n, seed: 3), both.values(m * n, seed: 4))
        let (narrow, wide) = (both.activations(m * n, seed: 5), both.values(m * n, seed: 6))
        func product(_ c: Comparison.Values, _ side: Comparison.Side) -> MatrixProduct {
            .linear(a[side], weight: w[side], rows: m, inputs: k, outputs: n, into: c[side])
        }
        both.run {
            $0.multiply(product(narrow, $1), bias: bias[$1], adding: nil)
            $0.multiply(product(wide, $1), bias: bias[$1], adding: residual[$1])
        }
        both.check(narrow, "stored as activations", within: 2 * tolerance)
        both.check(wide, "stored as float32", within: precision == .tf32 ? 2e-3 : 2e-6)
    }

    @Test("Cross-entropy with a penalty, its gradient, and a row of one", arguments: precisions, [0, 0.01 as Float])
    func crossEntropy(precision: Precision, zLoss: Float) {
        let (both, tolerance) = (ActivationTests.comparison(precision), ActivationTests.tolerance(precision))
        for columns in [1, 31, 1500] {
            let logits = both.activations(3 * columns, seed: 1, shift: 5, scale: 3)
            let (losses, penalties) = (both.values(3, seed: 2), both.values(3, seed: 3))
            let targets = [Int32(columns - 1), 0, Int32(columns / 2)]
            both.run {
                let rows = CrossEntropyRows(
                    logits: logits[$1], targets: targets[...], scale: [0.5, 1, 2], columns: columns, zLoss: zLoss)
                $0.crossEntropy(rows, losses: losses[$1], penalties: zLoss > 0 ? penalties[$1] : nil)
            }
            both.check(losses, "losses", within: 1e-5)
            both.check(penalties, "penalties", within: 1e-5)
            both.check(logits, "gradients", within: tolerance)
        }
    }

    @Test("Attention in float16, by the plain kernels", arguments: AttentionTests.cases)
    func attention(shape: AttentionTests.Case) {
        AttentionTests.compare(ActivationTests.comparison(.float16), shape, tolerance: 2e-3, ofActivations: true)
    }

    @Test("float16 rounds to nearest even, keeps NaN and small numbers, and overflows to infinity")
    func rounding() {
        let both = ActivationTests.comparison(.float16)
        let numbers: [Float] = [
            1, -2.5, 65_519, 65_520, -70_000, .infinity, 6e-8, 2.9e-8, 3e-5, 1 + 0x1p-11, 1 + 3 * 0x1p-11, 0, -0.0,
            .nan,
        ]
        let x = FloatStorage(count: numbers.count, memory: both.tested.memory)
        let out = FloatStorage(count: numbers.count, memory: both.tested.activationMemory)
        for (index, number) in numbers.enumerated() { x.floats[index] = number }
        both.tested.copy(out.pointer, from: x.pointer, count: numbers.count)
        let rounded = both.tested.withValues(of: out.pointer, count: numbers.count) { Array($0) }
        #expect(rounded.dropLast().elementsEqual(numbers.dropLast().map { Float(Float16($0)) }))
        #expect(rounded.last?.isNaN == true)
    }
}
