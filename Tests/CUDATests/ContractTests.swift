import Tensor
import Testing

@testable import CUDA

/// Every operation of a backend against the CPU's.
@Suite("Backend contract")
struct ContractTests {
    /// Below, at and above what a warp and a block take at once.
    static let counts = [1, 31, 257, 5000]
    static let rows: [(rows: Int, dim: Int)] = [(1, 1), (3, 7), (5, 32), (9, 100), (70, 33), (2, 1030)]

    @Test("What gpu-check compares on a card holds on the emulated one too")
    func shippedContract() throws {
        let findings = try BackendContract.check(CUDABackend(EmulatedDevice()))
        for finding in findings where !finding.passes { Issue.record("\(finding.check): off by \(finding.error)") }
        // A step that is left out, one that ends the training, and the others.
        #expect(findings.filter { $0.check.hasPrefix("decided step") }.count == 2 * (3 + 5))
    }

    @Test("Elementwise work", arguments: TestedBackend.allCases, counts)
    func elementwise(backend: TestedBackend, count: Int) {
        let both = Comparison(tested: backend.make())
        let (x, y) = (both.values(count, seed: 1), both.values(count, seed: 2))
        both.run { $0.add(x[$1], y[$1], count: count) }
        both.check(x, "add")
        both.run { $0.blend(x[$1], with: y[$1], share: 0.3, count: count) }
        both.check(x, "blend")
        both.run { $0.geluBackward(gradient: y[$1], input: x[$1], count: count) }
        both.check(y, "GELU's gradient")
        both.check(x, "GELU again")
        both.run { $0.fill(x[$1], with: 0.5, count: count) }
        both.check(x, "fill")
    }

    @Test("AdamW", arguments: TestedBackend.allCases, counts)
    func adamW(backend: TestedBackend, count: Int) {
        let both = Comparison(tested: backend.make())
        let (p, g, m) = (both.values(count, seed: 1), both.values(count, seed: 2), both.values(count, seed: 3))
        let v = both.values(count, seed: 4, shift: 9)
        let step = AdamWStep(
            beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.99, stepSize: 0.02, denominatorScale: 1.5,
            gradientScale: 0.7)
        both.run { $0.adamW(step, values: p[$1], gradients: g[$1], first: m[$1], second: v[$1], count: count) }
        for (values, name) in [(p, "values"), (m, "first moment"), (v, "second moment")] { both.check(values, name) }
    }

    @Test("Norm, of nothing too", arguments: TestedBackend.allCases, [0, 1, 300, 70_000])
    func norm(backend: TestedBackend, count: Int) {
        let both = Comparison(tested: backend.make())
        let x = both.values(count, seed: 1)
        let expected = both.reference.norm(x[.reference], count: count)
        #expect(abs(both.tested.norm(x[.tested], count: count) - expected) <= 1e-10 * expected)
    }

    @Test("Layer norm and its gradients", arguments: TestedBackend.allCases, rows)
    func layerNorm(backend: TestedBackend, shape: (rows: Int, dim: Int)) {
        let both = Comparison(tested: backend.make())
        let (rows, dim) = shape
        let (x, w) = (both.values(rows * dim, seed: 1, shift: 2), both.values(dim, seed: 2))
        let (out, g) = (both.values(rows * dim, seed: 3), both.values(rows * dim, seed: 4))
        let (mean, inverse) = (both.values(rows, seed: 5), both.values(rows, seed: 6))
        both.run {
            $0.layerNormForward(
                out: out[$1], mean: mean[$1], inverseDeviation: inverse[$1], input: x[$1], weight: w[$1], rows: rows,
                dim: dim)
        }
        both.check(out, "out", within: 1e-5)
        both.check(mean, "mean")
        both.check(inverse, "inverse deviation", within: 1e-5)
        let (dx, dw) = (both.values(rows * dim, seed: 7), both.values(dim, seed: 8))
        both.run {
            $0.layerNormBackward(
                inputGradient: dx[$1], weightGradient: dw[$1], outGradient: g[$1], input: x[$1], mean: mean[$1],
                inverseDeviation: inverse[$1], weight: w[$1], rows: rows, dim: dim)
        }
        both.check(dx, "input's gradient", within: 1e-5)
        both.check(dw, "weight's gradient", within: 1e-5)
    }

    @Test("Biases, also of more rows than one part", arguments: TestedBackend.allCases, rows + [(700, 5)])
    func biases(backend: TestedBackend, shape: (rows: Int, dim: Int)) {
        let both = Comparison(tested: backend.make())
        let (rows, dim) = shape
        let (x, b) = (both.values(rows * dim, seed: 1), both.values(dim, seed: 2))
        both.run { $0.addRow(x[$1], b[$1], rows: rows, dim: dim) }
        both.check(x, "row added")
        both.run { $0.addColumnSums(b[$1], of: x[$1], rows: rows, dim: dim) }
        both.check(b, "sums of columns", within: 1e-5)
    }

    @Test("Gather and scatter, rows going to one place or to many", arguments: TestedBackend.allCases, [1, 7, 40, 65])
    func embedding(backend: TestedBackend, dim: Int) {
        let both = Comparison(tested: backend.make())
        let indices: [Int32] = [4, 0, 4, 9, 1, 4] + [Int32](repeating: 2, count: 40)
        let (table, out) = (both.values(10 * dim, seed: 1), both.values(indices.count * dim, seed: 2))
        for accumulate in [true, false] {
            both.run {
                $0.gather(out: out[$1], table: table[$1], indices: indices, dim: dim, accumulate: accumulate)
            }
            both.check(out, "gathered")
        }
        both.run { $0.scatterAdd(table: table[$1], input: out[$1], indices: indices, dim: dim) }
        both.check(table, "scattered")
        both.run { $0.scatterAdd(table: table[$1], input: out[$1], indices: [], dim: dim) }
        both.check(table, "nothing scattered")
    }

    @Test("Cross-entropy and its gradient", arguments: TestedBackend.allCases, [(1, 2), (3, 31), (4, 256), (2, 1500)])
    func crossEntropy(backend: TestedBackend, shape: (rows: Int, columns: Int)) {
        let both = Comparison(tested: backend.make())
        let (rows, columns) = shape
        let logits = both.values(rows * columns, seed: 1, shift: 20, scale: 6)
        // Targets in the first column, the last and between.
        let targets = (0..<rows).map { Int32($0 == 0 ? columns - 1 : $0 * 7 % columns) }
        let scale = (0..<rows).map { 0.5 + Float($0) }
        var losses: [[Float]] = []
        both.run {
            losses.append(
                $0.crossEntropy(logits: logits[$1], targets: targets[...], scale: scale[...], columns: columns))
        }
        both.check(losses[1], losses[0], "losses")
        both.check(logits, "gradients", within: 5e-6)
    }

    @Test("A NaN among the logits gives a NaN loss", arguments: TestedBackend.allCases)
    func crossEntropyOfNaN(backend: TestedBackend) {
        let both = Comparison(tested: backend.make())
        let logits = both.values(300, seed: 1)
        logits.tested.floats[270] = .nan
        let losses = both.tested.crossEntropy(logits: logits[.tested], targets: [3], scale: [1], columns: 300)
        #expect(losses.count == 1 && losses[0].isNaN)
    }

    @Test("Products, and GELU of them with and without a bias", arguments: TestedBackend.allCases, [false, true])
    func products(backend: TestedBackend, hasBias: Bool) {
        let both = Comparison(tested: backend.make())
        let (m, n, k, ldc) = (6, 37, 5, 40)
        let (a, b, bias) = (both.values(m * k, seed: 1), both.values(n * k, seed: 2), both.values(n, seed: 3))
        let (c, activated) = (both.values(m * ldc, seed: 4), both.values(m * ldc, seed: 5))
        both.run {
            $0.multiplyGELU(
                MatrixProduct(
                    m: m, n: n, k: k, a: a[$1], lda: k, b: b[$1], ldb: k, transposeB: true, c: c[$1], ldc: ldc),
                bias: hasBias ? bias[$1] : nil, activated: activated[$1])
        }
        both.check(c, "hidden")
        both.check(activated, "activated")
    }

    @Test("A product without terms leaves its share of what was there", arguments: [0, 1, 0.25])
    func emptyProduct(beta: Float) {
        let device = EmulatedDevice()
        let both = Comparison(tested: CUDABackend(device))
        let (m, n, ldc) = (3, 5, 7)
        let (a, c) = (both.values(1, seed: 1), both.values(m * ldc, seed: 2))
        both.run {
            $0.multiply(
                MatrixProduct(m: m, n: n, k: 0, a: a[$1], lda: 1, b: a[$1], ldb: n, c: c[$1], ldc: ldc, beta: beta))
        }
        both.check(c, "scaled")
        // Devices refuse such products.
        #expect(device.products == 0)
    }

    @Test("Gated SiLU and its gradients", arguments: TestedBackend.allCases, [(1, 1), (3, 33), (10, 64)])
    func gatedSiLU(backend: TestedBackend, shape: (rows: Int, half: Int)) {
        let both = Comparison(tested: backend.make())
        let (rows, half) = shape
        let (x, out) = (both.values(2 * rows * half, seed: 1), both.values(rows * half, seed: 2))
        let dx = both.values(2 * rows * half, seed: 3)
        both.run { $0.gatedSiLUForward(out: out[$1], input: x[$1], rows: rows, half: half) }
        both.check(out, "out")
        both.run {
            $0.gatedSiLUBackward(inputGradient: dx[$1], outGradient: out[$1], input: x[$1], rows: rows, half: half)
        }
        both.check(dx, "gradient")
    }

    @Test("Rotations, and back", arguments: TestedBackend.allCases, [2, 6, 32])
    func rotation(backend: TestedBackend, headDim: Int) {
        let both = Comparison(tested: backend.make())
        let (heads, rowStride) = (3, 3 * headDim + 5)
        let positions: [Int32] = [3, 0, 11, 3]
        let x = both.values(positions.count * rowStride, seed: 1)
        let rotations = [
            Comparison.Side.reference: Rotation(positions: 12, headDim: headDim),
            .tested: Rotation(positions: 12, headDim: headDim, memory: both.tested.memory),
        ]
        for back in [false, true, true] {
            both.run {
                guard let rotation = rotations[$1] else { return }
                $0.rotate(
                    .init(x[$1], rowStride: rowStride, headStride: headDim), rotation, positions: positions,
                    heads: heads, back: back)
            }
            both.check(x, "turned")
        }
    }
}
