import Glibc
import Tensor
import Testing

@testable import Transformer

@Suite("Model and optimizer")
struct ModelTests {
    private func fresh(seed: UInt64) throws -> Nano4M { Nano4M(try smallModel().configuration, seed: seed) }

    @Test("Fresh weights follow the seed, norms are 1, and the first loss is exactly ln(vocabulary)")
    func initialization() throws {
        let model = try fresh(seed: 3)
        let (same, other) = (try fresh(seed: 3), try fresh(seed: 4))
        #expect(Array(model.parameters.values.floats) == Array(same.parameters.values.floats))
        #expect(Array(model.parameters.values.floats) != Array(other.parameters.values.floats))
        for parameter in model.parameters.list {
            let values = model.parameters.values(of: parameter)
            if !parameter.decays { #expect(values.allSatisfy { $0 == 1 }) }
            #expect(parameter.decays == !parameter.name.contains("norm"))
            #expect(values.allSatisfy { abs($0) <= (parameter.decays ? 0.12 : 1) })
        }
        var configuration = try smallModel(perModality: false).configuration
        configuration = try Nano4MConfiguration(metadata: configuration.metadata)
        let report = try Nano4M(configuration, seed: 1).evaluate(
            PackedBatch(samples: [sample(model, inputs: 3, targets: 5, seed: 1)]))
        #expect(abs(report.loss - log(11)) < 1e-6)
    }

    @Test("A resumed training goes on bit by bit as if never stopped")
    func resume() throws {
        let model = try smallModel()
        let optimizer = AdamWOptimizer(model)
        let batches = (0..<6).map { PackedBatch(samples: [sample(model, inputs: 5, targets: 6, seed: $0)]) }
        func train(_ model: Nano4M, _ optimizer: AdamWOptimizer, _ steps: Range<Int>) throws {
            for step in steps {
                _ = try model.forwardBackward(batches[step])
                optimizer.step(learningRate: 1e-2)
            }
        }
        try train(model, optimizer, 0..<3)
        let path = temporaryPath("resume.safetensors")
        try SafeTensors.write(
            model.checkpointTensors() + optimizer.checkpointTensors(), metadata: model.configuration.metadata, to: path)
        try train(model, optimizer, 3..<6)

        let checkpoint = try SafeTensors(contentsOf: path)
        let resumed = Nano4M(try Nano4MConfiguration(metadata: checkpoint.metadata), seed: 99)
        try resumed.load(checkpoint)
        let resumedOptimizer = AdamWOptimizer(resumed)
        try resumedOptimizer.load(checkpoint)
        #expect(resumedOptimizer.stepCount == 3)
        try train(resumed, resumedOptimizer, 3..<6)
        #expect(Array(resumed.parameters.values.floats) == Array(model.parameters.values.floats))
    }

    @Test("Training on one batch learns it")
    func learns() throws {
        let model = try smallModel()
        let optimizer = AdamWOptimizer(model)
        let batch = PackedBatch(samples: (0..<4).map { sample(model, inputs: 6, targets: 6, seed: $0) })
        let first = try model.forwardBackward(batch).loss
        for _ in 0..<200 {
            _ = try model.forwardBackward(batch)
            optimizer.step(learningRate: 3e-3)
        }
        #expect(try model.evaluate(batch).loss < 0.2 * first)
    }

    @Test("A batch's gradient does not depend on the batch before, bit for bit", arguments: [11, 140_000])
    func freshGradients(vocabulary: Int) throws {
        let configuration = try Nano4MConfiguration(
            modalities: ["image", "audio"].map { .init(name: $0, vocabularySize: vocabulary, maximumLength: 8) },
            dim: 8, encoderDepth: 1, decoderDepth: 1, headDim: 4)
        func batches(_ model: Nano4M) -> [PackedBatch] {
            [(6, 5), (3, 8), (0, 2), (4, 0)].enumerated().map {
                PackedBatch(
                    samples: [sample(model, inputs: $1.0, targets: $1.1, seed: UInt64($0), modalities: 2)])
            }
        }
        func model() -> Nano4M {
            let model = Nano4M(configuration, seed: 1)
            var generator = Xoshiro256(seed: 1)
            // A head of zeros, as at first, would give the rest no gradient.
            if let head = model.parameters["to_logits.weight"] {
                for index in head.range { model.parameters.values.floats[index] = Float(generator.uniform()) }
            }
            return model
        }
        let used = model()
        for (index, batch) in batches(used).enumerated() {
            let fresh = model()
            _ = try fresh.forwardBackward(batches(fresh)[index])
            _ = try used.forwardBackward(batch)
            let gradients = Array(used.parameters.gradients.floats)
            #expect(gradients == Array(fresh.parameters.gradients.floats))
            #expect(gradients.contains { $0 != 0 } == (index != 3))
        }
    }

    @Test("Logits of some ids are those among the logits of all, bit for bit")
    func someLogits() throws {
        let model = try smallModel()
        let batch = PackedBatch(samples: (0..<3).map { sample(model, inputs: 5, targets: 4, seed: $0) })
        let vocabulary = model.configuration.vocabularySize
        let (all, columns) = (try model.logits(batch), 3..<(vocabulary - 2))
        var rows = 0
        try model.forEachLogitRow(batch, columns: columns) { row, logits in
            let first = row * vocabulary
            #expect(Array(logits) == Array(all[(first + 3)..<(first + vocabulary - 2)]))
            rows += 1
        }
        #expect(rows == 12)
    }

    @Test("Activations take the memory that their formula says", arguments: FeedForwardKind.allCases)
    func activations(kind: FeedForwardKind) throws {
        var options = Nano4MOptions()
        options.feedForward = kind
        let configuration = try Nano4MConfiguration(
            modalities: ["image", "audio"].map { .init(name: $0, vocabularySize: 50, maximumLength: 64) },
            dim: 96, encoderDepth: 3, decoderDepth: 2, headDim: 32, options: options)
        let model = Nano4M(configuration, seed: 1)
        let batch = PackedBatch(
            samples: (0..<4).map { sample(model, inputs: 60, targets: 40, seed: $0, modalities: 2) })
        // Twice: the second time in one block, without gaps.
        for _ in 0..<2 { _ = model.forward(batch) }
        let formula = ModelCost(configuration).activationBytes(inputTokens: 240, targetTokens: 160)
        let share = Double(4 * model.workspace.inUse) / Double(formula)
        #expect(share > 0.97 && share < 1.03, "\(share)")
    }

    @Test("A checkpoint of another configuration is refused and changes nothing")
    func wrongCheckpoint() throws {
        let model = try smallModel()
        let before = Array(model.parameters.values.floats)
        let other = try Golden("tiny").weights
        let error = try #require(throws: TransformerError.self) { try model.load(other) }
        #expect(error.code == "invalid_checkpoint")
        #expect(Array(model.parameters.values.floats) == before)
        #expect(throws: (any Error).self) { try AdamWOptimizer(model).load(other) }
    }

    static let badMetadata = [
        ("dim", "7"), ("dim", "x"), ("head_dim", "3"), ("modalities", "['image']"), ("modalities", "image"),
        ("vocab_sizes", "[0, 7, 3]"), ("mlp_ratio", "nan"), ("use_bias", "1"), ("per_modality_loss_avg", "1"),
        ("enc_depth", "0"), ("overlap_vocab", "None"), ("rope", "yes"), ("mlp", "'relu'"), ("z_loss", "-1"),
    ]

    @Test("Metadata that describes no model is refused", arguments: badMetadata)
    func metadata(key: String, value: String) throws {
        var metadata = try smallModel().configuration.metadata
        #expect(throws: Never.self) { try Nano4MConfiguration(metadata: metadata) }
        metadata[key] = value
        #expect(throws: TransformerError.self) { try Nano4MConfiguration(metadata: metadata) }
        metadata[key] = nil
        if !["use_bias", "overlap_vocab", "rope", "mlp", "z_loss"].contains(key) {
            #expect(throws: TransformerError.self) { try Nano4MConfiguration(metadata: metadata) }
        }
    }
}
