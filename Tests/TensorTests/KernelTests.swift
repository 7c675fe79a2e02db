import CKernels
import Glibc
import Testing

@testable import Tensor

/// Every instruction set that this processor has, against plain double precision.
@Suite("Kernels")
struct KernelTests {
    static let levels = (0...2).filter { kernels_for(Int32($0)) != nil }
    /// Below, at and above the widths that loops are unrolled to.
    static let sizes = [1, 7, 64, 100, 193]

    private func kernels(_ level: Int) throws -> Kernels { try #require(kernels_for(Int32(level))).pointee }

    @Test("Layer norm normalises and weighs each row", arguments: levels, sizes)
    func layerNormForward(level: Int, dim: Int) throws {
        let rows = 5
        let (x, w) = (noise(rows * dim, seed: 1, shift: 3), noise(dim, seed: 2))
        var out = x
        var (mean, inverse) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        try kernels(level).layer_norm_forward(&out, &mean, &inverse, x, w, rows, dim)
        let expected = (0..<rows).flatMap { referenceLayerNorm(x[row: $0, dim], w) }
        #expect(error(out, expected) < 1e-5)
    }

    @Test("Layer norm's gradients are those of its formula", arguments: levels, [7, 64, 193])
    func layerNormBackward(level: Int, dim: Int) throws {
        let rows = 3
        let (x, w, g) = (noise(rows * dim, seed: 1), noise(dim, seed: 2), noise(rows * dim, seed: 3))
        var (out, mean, inverse) = (x, [Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        try kernels(level).layer_norm_forward(&out, &mean, &inverse, x, w, rows, dim)
        // Both gradients are added to what is there.
        var (dx, dw) = ([Float](repeating: 1, count: rows * dim), [Float](repeating: 1, count: dim))
        try kernels(level).layer_norm_backward(&dx, &dw, g, x, mean, inverse, w, rows, dim)
        func loss(_ x: [Double], _ w: [Double]) -> Double {
            (0..<rows).flatMap { referenceLayerNorm(x[row: $0, dim], w) }.weighted(by: g)
        }
        let (doubleX, doubleW) = (x.map(Double.init), w.map(Double.init))
        #expect(error(dx.map { $0 - 1 }, slope(doubleX) { loss($0, doubleW) }) < 1e-5)
        #expect(error(dw.map { $0 - 1 }, slope(doubleW) { loss(doubleX, $0) }) < 1e-5)
    }

    @Test("GELU and its slope are exact to float precision", arguments: levels)
    func gelu(level: Int) throws {
        let x = (-1200...1200).map { Float($0) / 100 }
        var (out, gradient) = (x, [Float](repeating: 2, count: x.count))
        try kernels(level).gelu_forward(&out, x, x.count)
        try kernels(level).gelu_backward(&gradient, gradient, x, x.count)
        for (index, value) in x.map(Double.init).enumerated() {
            let phi = 0.5 * (1 + erf(value / 2.0.squareRoot()))
            let slope = phi + value * exp(-value * value / 2) / (2 * .pi).squareRoot()
            #expect(abs(Double(out[index]) - value * phi) < 1e-6 * max(1, abs(value)))
            #expect(abs(Double(gradient[index]) - 2 * slope) < 2e-6)
            // Where erf is 1 to float precision there is no rounding to scale up.
            if abs(value) > 5.7 { #expect(out[index] == max(0, x[index])) }
        }
        var (recomputed, activating) = (x, [Float](repeating: 2, count: x.count))
        try kernels(level).gelu_backward_activating(&activating, &recomputed, x.count)
        #expect(error(recomputed, out.map(Double.init)) < 1e-7)
        #expect(error(activating, gradient.map(Double.init)) < 1e-6)
    }

    @Test("Softmax rows add up to 1, large scores or small", arguments: levels, sizes)
    func softmax(level: Int, columns: Int) throws {
        let rows = 4
        let scores = noise(rows * columns, seed: 4).enumerated().map { $1 * [0.1, 1, 30, 1000][$0 / columns] - 500 }
        var out = scores
        try kernels(level).softmax_forward(&out, rows, columns, 0.5)
        let expected = (0..<rows).flatMap { referenceSoftmax(scores[row: $0, columns].map { Double($0) * 0.5 }) }
        #expect(error(out, expected) < 1e-6)
    }

    @Test("Softmax's gradient is that of its formula", arguments: levels, [7, 100])
    func softmaxBackward(level: Int, columns: Int) throws {
        let rows = 2
        let (scores, g) = (noise(rows * columns, seed: 5), noise(rows * columns, seed: 6))
        var (probabilities, gradient) = (scores, g)
        try kernels(level).softmax_forward(&probabilities, rows, columns, 0.25)
        try kernels(level).softmax_backward(&gradient, probabilities, rows, columns, 0.25)
        let expected = slope(scores.map(Double.init)) { scores in
            (0..<rows).flatMap { referenceSoftmax(scores[row: $0, columns].map { $0 * 0.25 }) }.weighted(by: g)
        }
        #expect(error(gradient, expected) < 1e-5)
    }

    @Test("Cross-entropy gives each row's loss and leaves its gradient", arguments: levels, [2, 64, 1000])
    func crossEntropy(level: Int, columns: Int) throws {
        let rows = 3
        let logits = noise(rows * columns, seed: 7).map { $0 * 4 }
        let (targets, scale): ([Int32], [Float]) = ([0, Int32(columns - 1), 1], [1, 0.25, 2])
        var (gradient, loss) = (logits, [Float](repeating: 0, count: rows))
        try kernels(level).cross_entropy(&gradient, &loss, targets, scale, rows, columns)
        for row in 0..<rows {
            let probabilities = referenceSoftmax(logits[row: row, columns].map(Double.init))
            let target = Int(targets[row])
            #expect(abs(Double(loss[row]) + log(probabilities[target])) < 1e-5)
            let expected = probabilities.enumerated().map { Double(scale[row]) * ($1 - ($0 == target ? 1 : 0)) }
            #expect(error(gradient[row: row, columns], expected) < 1e-6)
        }
    }

    @Test("A NaN among the logits gives a NaN loss", arguments: levels)
    func crossEntropyOfNaN(level: Int) throws {
        var logits = noise(100, seed: 8)
        logits[50] = .nan
        var loss: [Float] = [0]
        try kernels(level).cross_entropy(&logits, &loss, [3], [1], 1, 100)
        #expect(loss[0].isNaN)
    }

    @Test("AdamW follows PyTorch's formula", arguments: levels, [5, 193])
    func adamW(level: Int, count: Int) throws {
        var (p, m, v) = (noise(count, seed: 9), noise(count, seed: 10), noise(count, seed: 11).map { $0 * $0 })
        let (p0, m0, v0, g) = (p, m, v, noise(count, seed: 12))
        try kernels(level).adamw(&p, &m, &v, g, count, 0.5, 0.9, 0.95, 0.999, 0.01, 2, 1e-8)
        for index in 0..<count {
            let gradient = 0.5 * Double(g[index])
            let first = 0.9 * Double(m0[index]) + 0.1 * gradient
            let second = 0.95 * Double(v0[index]) + 0.05 * gradient * gradient
            let value = 0.999 * Double(p0[index]) - 0.01 * first / (second.squareRoot() * 2 + 1e-8)
            #expect(abs(Double(m[index]) - first) < 1e-6)
            #expect(abs(Double(v[index]) - second) < 1e-6)
            #expect(abs(Double(p[index]) - value) < 1e-6)
        }
    }

    #if arch(x86_64)
        @Test("Moments that have faded are not subnormal, and arithmetic is as before afterwards", arguments: levels)
        func fadedMoments(level: Int) throws {
            let faded = Float.leastNormalMagnitude
            var (p, m, v): ([Float], [Float], [Float]) = ([1, 1], [faded, 1], [faded, 1])
            try kernels(level).adamw(&p, &m, &v, [0, 0], 2, 1, 0.9, 0.95, 1, 0.1, 1, 1e-8)
            // Without fused multiply-add what would be taken off is flushed first.
            #expect(!m[0].isSubnormal && v[0] == 0 && p[0] == 1 && m[1] > 0.8)
            #expect(faded * 0.5 > 0)
        }
    #endif

    @Test("AdamW on a table's rows is the same as on any array, bit for bit", arguments: [1, 3])
    func adamWRows(threads: Int) {
        let (rows, dim) = (700, 37)
        func storage(_ values: [Float]) -> FloatStorage {
            let storage = FloatStorage(count: values.count)
            for (index, value) in values.enumerated() { storage.floats[index] = value }
            return storage
        }
        let backend = CPUBackend(threads: threads)
        let step = AdamWStep(
            beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.999, stepSize: 0.01, denominatorScale: 2,
            gradientScale: 0.5)
        let weights = noise(rows * dim, seed: 20)
        let states = (0..<2).map { _ in (0..<3).map { storage($0 == 0 ? weights : weights.map { _ in 0 }) } }
        var seen = [Bool](repeating: false, count: rows)
        for touched: [Int32] in [[0, 3, 350, 699], [3, 4, 5], []] {
            for row in touched { seen[Int(row)] = true }
            let gradients = storage([Float](repeating: 0, count: rows * dim))
            for row in touched {
                for (index, value) in noise(dim, seed: UInt64(row)).enumerated() {
                    gradients.floats[Int(row) * dim + index] = value
                }
            }
            backend.adamW(
                step, values: states[0][0].pointer, gradients: gradients.pointer, first: states[0][1].pointer,
                second: states[0][2].pointer, count: rows * dim)
            backend.adamW(
                step, values: states[1][0].pointer, gradients: gradients.pointer, first: states[1][1].pointer,
                second: states[1][2].pointer, table: TableRows(count: rows, dim: dim, touched: touched, seen: seen))
        }
        for part in 0..<3 { #expect(Array(states[0][part].floats) == Array(states[1][part].floats)) }
        #expect(states[0][0].floats[3] != weights[3])
    }

    @Test("Rows are gathered and scattered, repeated indices adding up", arguments: levels)
    func gatherAndScatter(level: Int) throws {
        let (table, indices): ([Float], [Int32]) = ([1, 2, 3, 10, 20, 30], [1, 0, 1])
        var out = [Float](repeating: 5, count: 9)
        try kernels(level).gather(&out, table, indices, 3, 3, 0)
        #expect(out == [10, 20, 30, 1, 2, 3, 10, 20, 30])
        try kernels(level).gather(&out, table, indices, 3, 3, 1)
        #expect(out == [20, 40, 60, 2, 4, 6, 20, 40, 60])
        var gradient = [Float](repeating: 0, count: 6)
        try kernels(level).scatter_add(&gradient, out, indices, 3, 3, 1, 3)
        #expect(gradient == [0, 4, 6, 0, 80, 120])
    }

    @Test("Sums of squares keep double precision", arguments: levels)
    func squareSum(level: Int) throws {
        let values = [Float](repeating: 1, count: 100_000) + [1e4]
        #expect(try kernels(level).square_sum(values, values.count) == 100_100_000)
    }

    @Test("An instruction set that the processor lacks is refused")
    func missingLevel() {
        #expect(kernels_for(3) == nil)
        #expect(kernels_for(-1) == nil)
    }
}
