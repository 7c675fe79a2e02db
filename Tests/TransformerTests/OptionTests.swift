import Glibc
import Tensor
import Testing

@testable import Transformer

@Suite("Options of model and optimizer")
struct OptionTests {
    private func model(_ change: (inout Nano4MOptions) -> Void = { _ in }) throws -> Nano4M {
        let base = try smallModel().configuration
        var options = Nano4MOptions()
        change(&options)
        let model = Nano4M(
            try Nano4MConfiguration(
                modalities: base.modalities, dim: base.dim, encoderDepth: 1, decoderDepth: 1, headDim: 4,
                options: options), seed: 2, backend: CPUBackend(threads: 1))
        var generator = Xoshiro256(seed: 5)
        for index in model.parameters.values.floats.indices {
            model.parameters.values.floats[index] += Float(0.3 * generator.normal())
        }
        return model
    }

    private func batch(_ model: Nano4M) -> PackedBatch {
        PackedBatch(samples: (0..<5).map { sample(model, inputs: 4 + $0, targets: 8 - $0, seed: UInt64($0)) })
    }

    static let changes: [@Sendable (inout Nano4MOptions) -> Void] = [
        { _ in }, { $0.useBias = true }, { $0.overlapVocabularies = false }, { $0.overlapPositions = false },
        { $0.feedForward = .swiglu }, { $0.rotary = true }, { $0.zLoss = 1e-3 },
        {
            $0.useBias = true
            $0.overlapVocabularies = false
            $0.overlapPositions = false
            $0.feedForward = .swiglu
            $0.rotary = true
            $0.zLoss = 0.02
        },
    ]

    @Test("are read back from a checkpoint with every weight", arguments: changes.indices)
    func metadata(_ index: Int) throws {
        let model = try model(OptionTests.changes[index])
        let path = temporaryPath("option-\(index).safetensors")
        try SafeTensors.write(model.checkpointTensors(), metadata: model.configuration.metadata, to: path)
        let checkpoint = try SafeTensors(contentsOf: path)
        let configuration = try Nano4MConfiguration(metadata: checkpoint.metadata)
        #expect(configuration == model.configuration)
        let loaded = Nano4M(configuration, seed: 9)
        try loaded.load(checkpoint)
        #expect(Array(loaded.parameters.values.floats) == Array(model.parameters.values.floats))
    }

    @Test("that are off are not mentioned, so that the reference can read the checkpoint")
    func silent() throws {
        let keys = try Set(model().configuration.metadata.keys)
        #expect(keys.isDisjoint(with: ["overlap_vocab", "overlap_posembs", "mlp", "rope", "z_loss"]))
    }

    @Test("leave packed samples independent of each other", arguments: changes.indices)
    func packing(_ index: Int) throws {
        let model = try model(OptionTests.changes[index])
        let samples = [(5, 3), (1, 9), (0, 4), (6, 0)].enumerated().map {
            sample(model, inputs: $1.0, targets: $1.1, seed: UInt64($0))
        }
        let together = try model.logits(PackedBatch(samples: samples))
        let alone = try samples.flatMap { try model.logits(PackedBatch(samples: [$0])) }
        #expect(relativeError(together, alone) < 1e-5)
    }

    @Test("let a batch be done in parts with the same gradient", arguments: changes.indices, [2, 3, 9])
    func accumulation(_ index: Int, parts: Int) throws {
        let model = try model(OptionTests.changes[index])
        let whole = try model.forwardBackward(batch(model))
        let gradients = Array(model.parameters.gradients.floats)
        let report = try model.forwardBackward(batch(model), microBatches: parts)
        #expect(abs(report.loss - whole.loss) < 1e-6 * whole.loss)
        #expect(report.targetCounts == whole.targetCounts)
        #expect(relativeError(model.parameters.gradients.floats, gradients) < 1e-5)
    }

    @Test("Separate tables have rows for each modality; a token touches its own alone")
    func separate() throws {
        let model = try model { ($0.overlapVocabularies, $0.overlapPositions) = (false, false) }
        #expect(model.configuration.vocabularySize == 11 + 7 + 3)
        #expect(model.configuration.maximumLength == 8 + 12 + 1)
        #expect(model.configuration.logitRange(ofModality: 1) == 11..<18)
        var audio = TokenSequence()
        audio.append(modality: 1, position: 3, token: 2)
        _ = try model.forwardBackward(PackedBatch(samples: [.init(input: audio, target: audio)]))
        let table = try #require(model.parameters["enc_tok_emb.weight"])
        let rows = model.parameters.gradients(of: table)
        let touched = (0..<21).filter { row in rows[(row * 8)..<((row + 1) * 8)].contains { $0 != 0 } }
        #expect(touched == [13])
    }

    @Test("Biases start at 0 and are trained; norms' do not decay")
    func biases() throws {
        let fresh = Nano4M(try model { $0.useBias = true }.configuration, seed: 1)
        let biases = fresh.parameters.list.filter { $0.name.hasSuffix(".bias") }
        #expect(biases.count == 6 + 11 + 3)
        for bias in biases {
            #expect(fresh.parameters.values(of: bias).allSatisfy { $0 == 0 })
            #expect(bias.decays == !bias.name.contains("norm"))
        }
        #expect(fresh.parameters["to_logits.bias"] == nil)
    }

    @Test("A checkpoint with biases is not taken for one without")
    func biasedCheckpoint() throws {
        let path = temporaryPath("biased.safetensors")
        try SafeTensors.write(try model { $0.useBias = true }.checkpointTensors(), to: path)
        let error = try #require(throws: TransformerError.self) {
            try model().load(SafeTensors(contentsOf: path))
        }
        #expect(error.description.contains("set use_bias true"))
    }

    @Test("Newton-Schulz brings all singular values near 1", arguments: [(6, 6), (12, 5), (4, 15)])
    func orthogonal(rows: Int, columns: Int) {
        let muon = Muon(MuonSettings(rateRatio: 1), backend: CPUBackend(threads: 1))
        let matrix = FloatStorage(count: rows * columns)
        var generator = Xoshiro256(seed: 3)
        for index in matrix.floats.indices { matrix.floats[index] = Float(generator.normal()) }
        let result = muon.orthogonalised(matrix.pointer, rows: rows, columns: columns)
        // The sum of squared singular values, which are between 0.7 and 1.2.
        let sum = (0..<(rows * columns)).reduce(Float(0)) { $0 + result[$1] * result[$1] }
        let order = Float(min(rows, columns))
        #expect(sum > 0.4 * order && sum < 1.5 * order)
    }

    @Test("Muon moves the matrices within the network and AdamW the rest")
    func muon() throws {
        func trained(_ muon: MuonSettings?) throws -> Nano4M {
            let model = try model()
            var settings = AdamWOptimizer.Settings()
            settings.muon = muon
            let optimizer = AdamWOptimizer(model, settings: settings)
            for _ in 0..<2 {
                _ = try model.forwardBackward(batch(model))
                optimizer.step(learningRate: 1e-3)
            }
            return model
        }
        let (with, start) = (try trained(MuonSettings(rateRatio: 0)), try model())
        for parameter in start.parameters.list {
            let isStill = Array(with.parameters.values(of: parameter)) == Array(start.parameters.values(of: parameter))
            #expect(isStill == parameter.isHiddenMatrix, "\(parameter.name)")
        }
    }

    @Test("Muon's state is in the checkpoint")
    func muonResumes() throws {
        var settings = AdamWOptimizer.Settings()
        settings.muon = MuonSettings(rateRatio: 10)
        func train(_ model: Nano4M, _ optimizer: AdamWOptimizer) throws {
            for _ in 0..<2 {
                _ = try model.forwardBackward(batch(model))
                optimizer.step(learningRate: 1e-2)
            }
        }
        let model = try model()
        let optimizer = AdamWOptimizer(model, settings: settings)
        try train(model, optimizer)
        let path = temporaryPath("muon.safetensors")
        try SafeTensors.write(model.checkpointTensors() + optimizer.checkpointTensors(), to: path)
        try train(model, optimizer)
        let resumed = Nano4M(model.configuration, seed: 77)
        let resumedOptimizer = AdamWOptimizer(resumed, settings: settings)
        try resumed.load(SafeTensors(contentsOf: path))
        try resumedOptimizer.load(SafeTensors(contentsOf: path))
        try train(resumed, resumedOptimizer)
        #expect(Array(resumed.parameters.values.floats) == Array(model.parameters.values.floats))
    }

    @Test("A weight average follows the weights and lends them to an evaluation")
    func average() throws {
        let model = try model()
        let start = Array(model.parameters.values.floats)
        let average = WeightAverage(model, decay: 0.75)
        for index in start.indices { model.parameters.values.floats[index] += 4 }
        average.update()
        let expected = start.map { $0 + 1 }
        #expect(relativeError(average.values.floats, expected) < 1e-6)
        average.withAveragedWeights {
            #expect(relativeError(model.parameters.values.floats, expected) < 1e-6)
        }
        #expect(relativeError(model.parameters.values.floats, start.map { $0 + 4 }) < 1e-6)
        let path = temporaryPath("average.safetensors")
        try SafeTensors.write(average.checkpointTensors(), metadata: model.configuration.metadata, to: path)
        let other = WeightAverage(model, decay: 0.75)
        try other.load(SafeTensors(contentsOf: path))
        #expect(Array(other.values.floats) == Array(average.values.floats))
    }
}
