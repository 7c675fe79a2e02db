import Glibc
import Tensor
import Testing
import Transformer

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
