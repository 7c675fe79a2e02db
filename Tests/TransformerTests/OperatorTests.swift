import Tensor
import Testing

@testable import Transformer

/// Each operator's backward pass against central differences of its forward pass.
@Suite("Operators")
struct OperatorTests {
    private let workspace = Workspace(backend: CPUBackend(threads: 1))

    /// Samples without queries, without keys and with both.
    private let lengths = [3, 0, 2]
    private let contextLengths = [2, 4, 0]

    /// Weights named so, all random, and `inputs` random arrays.
    private func parameters(_ shapes: [(String, [Int])]) -> ParameterArena {
        let arena = ParameterArena(shapes.map { (name: $0.0, shape: $0.1) })
        fill(arena.values, seed: 1)
        return arena
    }

    private func input(_ count: Int, seed: UInt64) -> FloatStorage {
        let storage = FloatStorage(count: count)
        fill(storage, seed: seed)
        return storage
    }

    private func fill(_ storage: FloatStorage, seed: UInt64) {
        var generator = Xoshiro256(seed: seed)
        for index in storage.floats.indices { storage.floats[index] = Float(generator.normal()) }
    }

    /// Compares `gradient` with how sum(out * outGradient) changes with each value of `point`.
    private func check(
        _ name: String, _ point: UnsafeMutableBufferPointer<Float>, gradient: some Collection<Float>,
        outGradient: FloatStorage, out: () -> Workspace.Buffer
    ) {
        func loss() -> Double {
            let out = out()
            return outGradient.floats.indices.reduce(0.0) { $0 + Double(out[$1]) * Double(outGradient.floats[$1]) }
        }
        let step: Float = 1e-2
        let slopes = point.indices.map { index in
            let value = point[index]
            defer { point[index] = value }
            point[index] = value + step
            let above = loss()
            point[index] = value - step
            return Float((above - loss()) / Double(2 * step))
        }
        #expect(relativeError(gradient, slopes) < 5e-3, "\(name)")
    }

    @Test("Linear, without and with a bias", arguments: [false, true])
    func linear(hasBias: Bool) {
        let weights = parameters([("l.weight", [5, 3])] + (hasBias ? [("l.bias", [5])] : []))
        let operation = weights.linear("l")
        let (x, g) = (input(4 * 3, seed: 2), input(4 * 5, seed: 3))
        let dx = operation.backward(g.pointer, input: x.pointer, rows: 4, workspace)
        let forward = { operation.forward(x.pointer, rows: 4, workspace) }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Layer norm, without and with a bias", arguments: [false, true])
    func layerNorm(hasBias: Bool) {
        let weights = parameters([("norm.weight", [6])] + (hasBias ? [("norm.bias", [6])] : []))
        let operation = weights.norm("norm")
        let (x, g) = (input(3 * 6, seed: 2), input(3 * 6, seed: 3))
        let dx = workspace.zeros(18)
        operation.backward(
            g.pointer, operation.forward(x.pointer, rows: 3, workspace), addingTo: dx, workspace)
        let forward = { operation.forward(x.pointer, rows: 3, workspace).out }
        check("input", x.floats, gradient: floats(dx, 18), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Feed-forward, without and with biases", arguments: FeedForwardKind.allCases, [false, true])
    func feedForward(kind: FeedForwardKind, hasBias: Bool) {
        let biases = [("expand.bias", [kind == .swiglu ? 12 : 6]), ("contract.bias", [4])]
        let weights = parameters(
            [("expand.weight", [kind == .swiglu ? 12 : 6, 4]), ("contract.weight", [4, 6])] + (hasBias ? biases : []))
        let operation = FeedForward(
            expand: weights.linear("expand"), contract: weights.linear("contract"), kind: kind)
        let (x, g) = (input(3 * 4, seed: 2), input(3 * 4, seed: 3))
        let dx = operation.backward(g.pointer, operation.forward(x.pointer, rows: 3, workspace), workspace)
        let forward = { operation.forward(x.pointer, rows: 3, workspace).out }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Self-attention, one sample being empty, without and with rotary positions", arguments: [false, true])
    func selfAttention(isRotary: Bool) {
        let weights = parameters([("qkv.weight", [24, 8]), ("qkv.bias", [24]), ("projection.weight", [8, 8])])
        let operation = SelfAttention(
            qkv: weights.linear("qkv"), projection: weights.linear("projection"), heads: 2,
            rotation: isRotary ? Rotation(positions: 9, headDim: 4) : nil)
        let positions: [Int32] = [0, 7, 2, 8, 8]
        let (x, g) = (input(5 * 8, seed: 2), input(5 * 8, seed: 3))
        // Small scores, so that no softmax saturates and its slopes can be told from rounding.
        for index in weights.values.floats.indices { weights.values.floats[index] *= 0.5 }
        let forward = {
            operation.forward(x.pointer, lengths: lengths, positions: positions, workspace).out
        }
        let saved = operation.forward(x.pointer, lengths: lengths, positions: positions, workspace)
        let dx = operation.backward(g.pointer, saved, workspace)
        check("input", x.floats, gradient: floats(dx, 40), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Rotary scores depend on the distance of positions alone")
    func rotation() {
        let rotation = Rotation(positions: 60, headDim: 8)
        func score(_ query: Int32, _ key: Int32) -> Float {
            let (q, k) = (input(8, seed: 5), input(8, seed: 6))
            for (vector, position) in [(q, query), (k, key)] {
                workspace.backend.rotate(
                    .init(vector.pointer, rowStride: 8, headStride: 8), rotation, positions: [position], heads: 1,
                    back: false)
            }
            return zip(q.floats, k.floats).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(score(3, 10) - score(45, 52)) < 1e-4)
        #expect(abs(score(3, 10) - score(10, 3)) > 1e-2)
    }

    @Test("Cross-attention, samples lacking queries or keys, without and with biases", arguments: [false, true])
    func crossAttention(hasBias: Bool) {
        let biases = [("q.bias", [4]), ("kv.bias", [8]), ("projection.bias", [4])]
        let weights = parameters(
            [("q.weight", [4, 4]), ("kv.weight", [8, 4]), ("projection.weight", [4, 4])] + (hasBias ? biases : []))
        let operation = CrossAttention(
            query: weights.linear("q"), keyValue: weights.linear("kv"), projection: weights.linear("projection"),
            heads: 2)
        let (x, context, g) = (input(5 * 4, seed: 2), input(6 * 4, seed: 4), input(5 * 4, seed: 3))
        let saved = {
            operation.forward(
                x.pointer, lengths: lengths, context: context.pointer, contextLengths: contextLengths, workspace)
        }
        let gradients = operation.backward(g.pointer, saved(), workspace)
        let forward = { saved().out }
        check("input", x.floats, gradient: floats(gradients.input, 20), outGradient: g, out: forward)
        check("context", context.floats, gradient: floats(gradients.context, 24), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Token embedding, tokens and modalities repeating")
    func embedding() throws {
        let weights = parameters([("tokens", [5, 4]), ("modalities", [2, 4])])
        let table = PositionTable(length: 3, dim: 4)
        let operation = TokenEmbedding(
            tokens: weights.weight("tokens"), modalities: weights.weight("modalities"),
            positions: table.storage.pointer)
        let sequence = try TokenSequence(modality: [0, 1, 1], position: [2, 0, 0], token: [4, 4, 1])
        let g = input(12, seed: 3)
        operation.backward(g.pointer, sequence, workspace)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g) {
            operation.forward(sequence, workspace)
        }
        withExtendedLifetime(table) {}
    }

    @Test("Embedding of what is asked for: modality and position, no token")
    func queryEmbedding() throws {
        let weights = parameters([("modalities", [2, 4])])
        let table = PositionTable(length: 3, dim: 4)
        let operation = TokenEmbedding(
            tokens: nil, modalities: weights.weight("modalities"), positions: table.storage.pointer)
        let sequence = try TokenSequence(modality: [0, 1, 1], position: [2, 0, 0], token: [4, 4, 1])
        let g = input(12, seed: 3)
        operation.backward(g.pointer, sequence, workspace)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g) {
            operation.forward(sequence, workspace)
        }
        withExtendedLifetime(table) {}
    }

    @Test("Logits in memory that is idle give the same as in memory of their own, where it holds them")
    func idleLogits() {
        let weights = parameters([("w", [7, 4])])
        let operation = LogitsHead(linear: Linear(weight: weights.weight("w")))
        let x = input(3 * 4, seed: 2)
        func results(_ idle: FloatStorage?) -> [Float] {
            weights.gradients.pointer.update(repeating: 0, count: weights.count)
            let dx = workspace.allocate(12)
            let losses = operation.loss(
                x.pointer, targets: [6, 0, 3], scale: [1, 0.5, 2], inputGradient: dx, idle: idle?.floats, workspace)
            return floats(losses.crossEntropy, 3) + floats(dx, 12) + Array(weights.gradients.floats)
        }
        let expected = results(nil)
        let (enough, tooLittle) = (FloatStorage(count: 3 * 7), FloatStorage(count: 3 * 7 - 1))
        #expect(results(enough) == expected)
        #expect(enough.floats.allSatisfy { $0 != 0 })
        #expect(results(tooLittle) == expected)
        #expect(tooLittle.floats.allSatisfy { $0 == 0 })
    }

    @Test("Logits and cross-entropy, without and with a penalty on their size", arguments: [0, 0.1])
    func head(zLoss: Double) {
        let weights = parameters([("w", [7, 4])])
        let operation = LogitsHead(linear: Linear(weight: weights.weight("w")), zLoss: zLoss)
        let x = input(3 * 4, seed: 2)
        let (targets, scale): ([Int32], [Float]) = ([6, 0, 3], [1, 0.5, 2])
        let dx = workspace.allocate(12)
        _ = operation.loss(x.pointer, targets: targets, scale: scale, inputGradient: dx, workspace)
        let g = FloatStorage(count: 3)
        for (row, share) in scale.enumerated() { g.floats[row] = share }
        let out = FloatStorage(count: 3)
        let forward = {
            let losses = operation.loss(
                x.pointer, targets: targets, scale: scale, inputGradient: nil, workspace)
            for row in 0..<3 {
                out.floats[row] = losses.crossEntropy[row] + (losses.penalty?[row] ?? 0)
            }
            return out.pointer
        }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weight", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    private func floats(_ buffer: Workspace.Buffer, _ count: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: buffer, count: count))
    }
}
