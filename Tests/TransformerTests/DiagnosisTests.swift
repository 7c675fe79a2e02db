import Tensor
import Testing

@testable import Transformer

@Suite("Diagnosis of what is not finite")
struct DiagnosisTests {
    private func batch(_ model: Nano4M) -> PackedBatch {
        PackedBatch(samples: (0..<3).map { sample(model, inputs: 5, targets: 6, seed: $0) })
    }

    /// Weights so large that the part's own output overflows.
    static let parts = [
        ("encoder.blocks.0.mlp.ff.2.weight", "the output of encoder.blocks.0.mlp"),
        ("decoder.blocks.1.cross_attn.attn_out_proj.weight", "the output of decoder.blocks.1.cross_attn"),
        ("to_logits.weight", "the output of to_logits"),
    ]

    @Test("names the first tensor that overflows", arguments: parts)
    func overflow(parameter: String, tensor: String) throws {
        let model = try smallModel()
        let weight = try #require(model.parameters[parameter])
        for index in weight.range {
            model.parameters.values.floats[index] = model.parameters.values.floats[index] < 0 ? -3e38 : 3e38
        }
        let report = try model.forwardBackward(batch(model))
        #expect(!report.loss.isFinite)
        let diagnosis = try model.diagnose(batch(model), report)
        #expect(diagnosis.tensor == tensor)
        #expect(diagnosis.modality != nil)
        #expect(diagnosis.subject.hasPrefix("the loss of "))
    }

    @Test("names a weight that is no number before what it spoils")
    func weight() throws {
        let model = try smallModel()
        let weight = try #require(model.parameters["decoder.blocks.0.self_attn.qkv.weight"])
        model.parameters.values.floats[weight.offset + 3] = .nan
        let report = try model.forwardBackward(batch(model))
        #expect(try model.diagnose(batch(model), report).tensor == "the weight \(weight.name)")
    }

    @Test("names the modality whose token is concerned")
    func modality() throws {
        let model = try smallModel()
        let table = try #require(model.parameters["dec_mod_emb.weight"])
        // Of "label" alone; finite itself, but its squares are not.
        for index in 0..<8 { model.parameters.values.floats[table.offset + 16 + index] = index % 2 == 0 ? 3e38 : -3e38 }
        let report = try model.forwardBackward(batch(model))
        #expect(try model.diagnose(batch(model), report).modality == "label")
    }

    @Test("names a gradient when every loss is finite, and no step is taken then")
    func gradient() throws {
        let model = try smallModel()
        let report = try model.forwardBackward(batch(model))
        let weight = try #require(model.parameters["decoder.blocks.0.mlp.ff.0.weight"])
        model.parameters.gradients.floats[weight.offset] = .infinity
        let before = Array(model.parameters.values.floats)
        let optimizer = AdamWOptimizer(model)
        #expect(!optimizer.step(learningRate: 1).isFinite)
        #expect(optimizer.stepCount == 0 && Array(model.parameters.values.floats) == before)
        let diagnosis = try model.diagnose(batch(model), report)
        #expect(diagnosis.subject == "the gradient norm")
        // The diagnosis computes forward alone: gradients are still there to be looked at.
        #expect(diagnosis.tensor == "the gradient of \(weight.name)")
    }

    @Test("A batch comes back from its file")
    func file() throws {
        let batch = batch(try smallModel())
        let path = temporaryPath("batch.safetensors")
        try SafeTensors.write(batch.fileTensors(), to: path)
        #expect(try PackedBatch(file: SafeTensors(contentsOf: path)) == batch)
    }
}
