import Tensor
import Testing
import Transformer

@Suite("The reference's numbers")
struct GoldenTests {
    static let names = ["tiny", "tiny-all-tokens"]

    @Test("The first batch's logits are the reference's", arguments: names)
    func logits(_ name: String) throws {
        let golden = try Golden(name)
        let model = try golden.model()
        let vocabulary = model.configuration.vocabularySize
        let padded = try golden.tensors.floats("step0.logits")
        let expected = try golden.targetMask(0).enumerated().filter(\.element).flatMap { row, _ in
            padded[(row * vocabulary)..<((row + 1) * vocabulary)]
        }
        #expect(relativeError(try model.logits(golden.batch(0)), expected) < 1e-5)
    }

    @Test("Every parameter's gradient is the reference's", arguments: names)
    func gradients(_ name: String) throws {
        let golden = try Golden(name)
        let model = try golden.model()
        #expect(model.parameters.count == golden.expected.params)
        _ = try model.forwardBackward(golden.batch(0))
        for parameter in model.parameters.list {
            let expected = try golden.tensors.floats("step0.grad.\(parameter.name)")
            let error = relativeError(model.parameters.gradients(of: parameter), expected)
            #expect(error < 1e-5, "\(parameter.name)")
        }
    }

    @Test("Losses, gradient norms and final weights of a training are the reference's", arguments: names)
    func training(_ name: String) throws {
        let golden = try Golden(name)
        let model = try golden.model()
        var settings = AdamWOptimizer.Settings()
        settings.beta1 = golden.expected.optimizer.betas[0]
        settings.beta2 = golden.expected.optimizer.betas[1]
        settings.epsilon = golden.expected.optimizer.eps
        settings.weightDecay = golden.expected.optimizer.weight_decay
        settings.clipNorm = golden.expected.optimizer.clip_grad
        let optimizer = AdamWOptimizer(model, settings: settings)
        for (index, step) in golden.expected.steps.enumerated() {
            let batch = try golden.batch(index)
            let evaluated = try model.evaluate(batch)
            let report = try model.forwardBackward(batch)
            #expect(report == evaluated)
            #expect(abs(report.loss - step.loss) < 1e-5 * step.loss)
            for (modality, loss) in zip(model.configuration.modalities, report.modalityLoss) {
                guard let expected = step.per_modality[modality.name] else { continue }
                #expect(abs((loss ?? 0) - expected) < 1e-5 * expected)
            }
            #expect(abs(optimizer.step(learningRate: step.lr) - step.grad_norm) < 1e-5 * step.grad_norm)
        }
        for parameter in model.parameters.list {
            let error = relativeError(
                model.parameters.values(of: parameter), try golden.tensors.floats("final.\(parameter.name)"))
            #expect(error < 1e-5, "\(parameter.name)")
        }
    }

    @Test("The position table is the reference's")
    func positions() throws {
        let golden = try Golden("tiny")
        let model = try golden.model()
        let path = temporaryPath("positions.safetensors")
        try SafeTensors.write(model.checkpointTensors(), metadata: model.configuration.metadata, to: path)
        let written = try SafeTensors(contentsOf: path)
        #expect(relativeError(try written.floats("pos_emb"), try golden.weights.floats("pos_emb")) < 1e-6)
        #expect(Set(written.entries.keys) == Set(golden.weights.entries.keys))
        #expect(try Nano4MConfiguration(metadata: written.metadata) == model.configuration)
    }
}
