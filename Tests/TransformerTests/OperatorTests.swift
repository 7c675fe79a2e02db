import Tensor
import Testing

@testable import Transformer

/// Each operator's backward pass against central differences of its forward pass.
@Suite("Operators")
struct OperatorTests {
    private let workspace = Workspace(backend: CPUBackend(threads: 1), arena: Arena())

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

    @Test("Linear")
    func linear() {
        let weights = parameters([("w", [5, 3])])
        let operation = Linear(weight: weights.weight("w"))
        let (x, g) = (input(4 * 3, seed: 2), input(4 * 5, seed: 3))
        let dx = operation.backward(g.pointer, input: x.pointer, rows: 4, workspace)
        let forward = { operation.forward(x.pointer, rows: 4, workspace) }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weight", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Layer norm")
    func layerNorm() {
        let weights = parameters([("norm.weight", [6])])
        let operation = LayerNorm(weight: weights.weight("norm.weight"))
        let (x, g) = (input(3 * 6, seed: 2), input(3 * 6, seed: 3))
        let dx = workspace.zeros(18)
        operation.backward(
            g.pointer, operation.forward(x.pointer, rows: 3, workspace), addingTo: dx, workspace)
        let forward = { operation.forward(x.pointer, rows: 3, workspace).out }
        check("input", x.floats, gradient: floats(dx, 18), outGradient: g, out: forward)
        check("weight", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Feed-forward")
    func feedForward() {
        let weights = parameters([("expand", [6, 4]), ("contract", [4, 6])])
        let operation = FeedForward(
            expand: Linear(weight: weights.weight("expand")), contract: Linear(weight: weights.weight("contract")))
        let (x, g) = (input(3 * 4, seed: 2), input(3 * 4, seed: 3))
        let dx = operation.backward(g.pointer, operation.forward(x.pointer, rows: 3, workspace), workspace)
        let forward = { operation.forward(x.pointer, rows: 3, workspace).out }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Self-attention, one sample being empty")
    func selfAttention() {
        let weights = parameters([("qkv", [12, 4]), ("projection", [4, 4])])
        let operation = SelfAttention(
            qkv: Linear(weight: weights.weight("qkv")), projection: Linear(weight: weights.weight("projection")),
            heads: 2)
        let (x, g) = (input(5 * 4, seed: 2), input(5 * 4, seed: 3))
        let dx = operation.backward(
            g.pointer, operation.forward(x.pointer, lengths: lengths, workspace), workspace)
        let forward = { operation.forward(x.pointer, lengths: lengths, workspace).out }
        check("input", x.floats, gradient: floats(dx, 20), outGradient: g, out: forward)
        check("weights", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    @Test("Cross-attention, samples lacking queries or keys")
    func crossAttention() {
        let weights = parameters([("q", [4, 4]), ("kv", [8, 4]), ("projection", [4, 4])])
        let operation = CrossAttention(
            query: Linear(weight: weights.weight("q")), keyValue: Linear(weight: weights.weight("kv")),
            projection: Linear(weight: weights.weight("projection")), heads: 2)
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

    @Test("Logits and cross-entropy")
    func head() {
        let weights = parameters([("w", [7, 4])])
        let operation = LogitsHead(linear: Linear(weight: weights.weight("w")))
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
            for (row, loss) in losses.enumerated() { out.floats[row] = loss }
            return out.pointer
        }
        check("input", x.floats, gradient: floats(dx, 12), outGradient: g, out: forward)
        check("weight", weights.values.floats, gradient: weights.gradients.floats, outGradient: g, out: forward)
    }

    private func floats(_ buffer: Workspace.Buffer, _ count: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: buffer, count: count))
    }
}
