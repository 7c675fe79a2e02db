import Tensor
import Testing
import Transformer

@Suite("Packed batches")
struct PackingTests {
    static let lengths = [(5, 3), (1, 9), (0, 4), (6, 0), (0, 0), (2, 2)]

    private func samples(_ model: Nano4M) -> [PackedBatch.Sample] {
        PackingTests.lengths.enumerated().map { sample(model, inputs: $1.0, targets: $1.1, seed: UInt64($0)) }
    }

    @Test("Samples together give the logits that each gives alone")
    func logits() throws {
        let model = try smallModel()
        let samples = samples(model)
        let together = try model.logits(PackedBatch(samples: samples))
        let alone = try samples.flatMap { try model.logits(PackedBatch(samples: [$0])) }
        #expect(relativeError(together, alone) < 1e-6)
    }

    @Test("The batch's gradient is the sum of the samples', each by its share of targets")
    func gradients() throws {
        let model = try smallModel(perModality: false)
        let samples = samples(model)
        let targets = samples.reduce(0) { $0 + $1.target.count }
        var sum = [Float](repeating: 0, count: model.parameters.count)
        for sample in samples {
            _ = try model.forwardBackward(PackedBatch(samples: [sample]))
            let share = Float(sample.target.count) / Float(targets)
            for index in sum.indices { sum[index] += share * model.parameters.gradients.floats[index] }
        }
        _ = try model.forwardBackward(PackedBatch(samples: samples))
        #expect(relativeError(model.parameters.gradients.floats, sum) < 1e-5)
    }

    @Test("Any number of threads gives the same loss and gradients")
    func threads() throws {
        let one = try smallModel(backend: CPUBackend(threads: 1))
        let three = try smallModel(backend: CPUBackend(threads: 3))
        let batch = PackedBatch(samples: (0..<40).map { sample(one, inputs: 20, targets: 20, seed: $0) })
        let (a, b) = (try one.forwardBackward(batch), try three.forwardBackward(batch))
        #expect(abs(a.loss - b.loss) < 1e-6)
        let expected = Array(one.parameters.gradients.floats)
        #expect(relativeError(three.parameters.gradients.floats, expected) < 1e-5)
    }

    @Test("A batch without targets, inputs or samples has loss 0 or a finite one, and finite gradients")
    func empty() throws {
        let model = try smallModel()
        for (samples, isZero) in [
            ([], true), ([sample(model, inputs: 3, targets: 0, seed: 1)], true),
            ([sample(model, inputs: 0, targets: 3, seed: 1)], false),
        ] {
            let report = try model.forwardBackward(PackedBatch(samples: samples))
            #expect(report.loss.isFinite)
            #expect((report.loss == 0) == isZero)
            #expect(model.parameters.gradients.floats.allSatisfy { $0.isFinite })
        }
    }

    @Test("Nothing of an earlier batch's gradient is left where a batch has no targets or no inputs")
    func noLeftovers() throws {
        let model = try smallModel()
        let full = PackedBatch(samples: [sample(model, inputs: 5, targets: 6, seed: 3)])
        _ = try model.forwardBackward(full)
        _ = try model.forwardBackward(PackedBatch(samples: [sample(model, inputs: 3, targets: 0, seed: 1)]))
        #expect(model.parameters.gradients.floats.allSatisfy { $0 == 0 })
        let blind = PackedBatch(samples: [sample(model, inputs: 0, targets: 3, seed: 1)])
        let fresh = try smallModel()
        _ = try fresh.forwardBackward(blind)
        _ = try model.forwardBackward(full)
        _ = try model.forwardBackward(blind)
        #expect(Array(model.parameters.gradients.floats) == Array(fresh.parameters.gradients.floats))
    }

    @Test("A modality without targets counts 0 and keeps its share of the divisor")
    func absentModality() throws {
        let model = try smallModel()
        let report = try model.evaluate(
            PackedBatch(samples: [sample(model, inputs: 4, targets: 6, seed: 2, modalities: 1)]))
        let image = try #require(report.modalityLoss[0])
        #expect(report.modalityLoss == [image, nil, nil])
        #expect(abs(report.loss - image / 3) < 1e-12)
        #expect(report.targetCounts == [6, 0, 0])
        #expect(report.inputCounts == [4, 0, 0])
    }

    @Test("A batch after a larger one gives what it gave before")
    func reuse() throws {
        let model = try smallModel()
        let small = PackedBatch(samples: [sample(model, inputs: 3, targets: 4, seed: 1)])
        let before = try model.forwardBackward(small)
        let gradients = Array(model.parameters.gradients.floats)
        _ = try model.forwardBackward(
            PackedBatch(samples: (0..<200).map { sample(model, inputs: 12, targets: 12, seed: $0) }))
        #expect(try model.forwardBackward(small) == before)
        #expect(Array(model.parameters.gradients.floats) == gradients)
    }

    static let impossible: [(Int32, Int32, Int32)] = [
        (3, 0, 0), (-1, 0, 0), (0, 8, 0), (0, -1, 0), (1, 0, 7), (0, 0, -1), (2, 1, 0),
    ]

    @Test("Ids that the model does not have are refused", arguments: impossible, [true, false])
    func validation(ids: (Int32, Int32, Int32), asInput: Bool) throws {
        let model = try smallModel()
        var wrong = TokenSequence()
        wrong.append(modality: ids.0, position: ids.1, token: ids.2)
        let batch = PackedBatch(
            samples: [.init(input: asInput ? wrong : TokenSequence(), target: asInput ? TokenSequence() : wrong)])
        let error = try #require(throws: TransformerError.self) { try model.evaluate(batch) }
        #expect(error.code == "invalid_batch")
    }

    @Test("Arrays and lengths that do not fit each other are refused")
    func shapes() throws {
        #expect(throws: TransformerError.self) { try TokenSequence(modality: [0], position: [0, 1], token: [0]) }
        let tokens = try TokenSequence(modality: [0, 0], position: [0, 1], token: [4, 5])
        #expect(throws: TransformerError.self) { try PackedBatch.Side(lengths: [1], tokens: tokens) }
        #expect(throws: TransformerError.self) { try PackedBatch.Side(lengths: [3, -1], tokens: tokens) }
        let side = try PackedBatch.Side(lengths: [1, 1], tokens: tokens)
        #expect(throws: TransformerError.self) { try PackedBatch(input: side, target: PackedBatch.Side()) }
        #expect(try PackedBatch(input: side, target: side).sampleCount == 2)
    }
}
