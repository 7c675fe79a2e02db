import Dataset
import Experiment
import Glibc
import Tensor
import Testing
@testable import Training
import Transformer

@Suite("A generation")
struct GenerateStageTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Labels are generated here: they need no tokenizer.
    @Test("of labels a trained model knows logs measures of every clip and their means")
    func labels() throws {
        let config = workshop.config([
            "subset": "image+label", "total_tokens": 163_840, "eval_every_tokens": 163_840, "lr": 0.004,
        ])
        #expect(try workshop.run("train", config: config) == 0)
        let generation: [String: JSONValue] = [
            "generation_target": "label", "generation_clips": 3, "temperature": 0, "generation_steps": 2,
        ]
        #expect(
            try workshop.run(
                "made", "generate", config: generation, inputs: ["train": workshop.directory("train")]) == 0)
        let rows = try workshop.rows("made")
        #expect(rows.map(\.step) == [0, 1, 2, 0])
        let clip = try #require(rows.first)
        #expect(Set(clip.values.keys).isSubset(of: ["clip/token_accuracy", "clip/token_nll"] + distinct("clip/")))
        let means = try #require(rows.last)
        // By chance a quarter; how many of three are right depends on the processor's rounding.
        #expect(try #require(means.values["generation/token_accuracy"]) > 0.5)
        let nll = try #require(means.values["generation/token_nll"])
        #expect(nll < 0.7 * log(4), "is \(nll)")
        #expect(means.values["generation/distinct_tokens"] == 1)
        #expect(means.values["temperature"] == 0)
        #expect(means.values["generation/blank_share"] == nil)
        #expect(try workshop.result("made") == StageResult(state: .finished, exitCode: 0, attempt: 1))
    }

    private func distinct(_ prefix: String) -> [String] {
        [prefix + "distinct_tokens", prefix + "distinct_tokens_true"]
    }

    @Test(
        "that cannot be made says why",
        arguments: [
            (["generation_target": "video"], "the trained subset has no modality 'video'; it has image, audio"),
            (["generation_condition": "depth"], "the trained subset has no modality 'depth'; it has image, audio"),
            (
                ["generation_condition": "image"],
                "generation_condition names the target 'image'; give other modalities"
            ),
        ] as [([String: JSONValue], String)])
    func refused(config: [String: JSONValue], sentence: String) throws {
        let config = workshop.config(config)
        #expect(try workshop.run("train", config: config, stopAfter: 1) == 143)
        let inputs = ["train": workshop.directory("train")]
        #expect(try workshop.run("made", "generate", config: config, inputs: inputs) == 2)
        #expect(try workshop.result("made").message == sentence)
    }

    @Test("without a training or a checkpoint says what to do")
    func nothingTrained() throws {
        #expect(try workshop.run("made", "generate", config: workshop.config()) == 2)
        #expect(try #require(workshop.result("made").message).contains("needs the run directory of a training"))
        let inputs = ["train": workshop.directory("made")]
        #expect(try workshop.run("other", "generate", config: workshop.config(), inputs: inputs) == 2)
        #expect(try #require(workshop.result("other").message).contains("run 'trainer train' there first"))
    }

    @Test("is shown long modalities by an evenly spaced choice of positions")
    func condition() throws {
        let long = ModalityInfo(name: "audio", length: 1000, vocabularySize: 24)
        let task = try GenerationTask(GenerationSettings(), modalities: [Workshop.modalities[0], long])
        let tokens = try TokenSet.open(workshop.tokenSet)
        let short = try GenerationTask(
            GenerationSettings(), modalities: [Workshop.modalities[0], Workshop.modalities[2]])
        #expect(short.condition(tokens, clip: 0).position == (0..<96).map(Int32.init))
        #expect(task.shownPositions(of: long).count == 256)
        #expect(task.shownPositions(of: long).first == 0)
        #expect(task.shownPositions(of: long).last == 996)
    }

    @Test("has the likelihood that the model's own evaluation gives")
    func likelihood() throws {
        let configuration = try Nano4MConfiguration(
            modalities: [
                .init(name: "image", vocabularySize: 8, maximumLength: 6),
                .init(name: "audio", vocabularySize: 12, maximumLength: 6),
            ], dim: 16, encoderDepth: 1, decoderDepth: 1, headDim: 8)
        let model = Nano4M(configuration, seed: 1)
        let generator = try ROARGenerator(target: 0, length: 6, steps: 3, sampler: Sampler())
        var condition = TokenSequence()
        for place in 0..<6 { condition.append(modality: 1, position: Int32(place), token: 3) }
        let nll = try generator.likelihood(model, condition: condition, truth: [1, 2, 3, 4, 5, 6], seed: 0, clip: 0)
        // Fresh logits are all 0, so every token of the shared vocabulary is equally likely.
        #expect(abs(nll - log(12)) < 1e-5)
    }

    @Test("has the likelihood of each token given the condition and the true tokens before it")
    func teacherForcing() throws {
        let configuration = try Nano4MConfiguration(
            modalities: [
                .init(name: "image", vocabularySize: 8, maximumLength: 6),
                .init(name: "audio", vocabularySize: 12, maximumLength: 6),
            ], dim: 16, encoderDepth: 1, decoderDepth: 1, headDim: 8)
        let model = Nano4M(configuration, seed: 1)
        var random = Xoshiro256(seed: 4)
        for index in model.parameters.values.floats.indices {
            model.parameters.values.floats[index] += Float(0.5 * random.normal())
        }
        let generator = try ROARGenerator(target: 0, length: 6, steps: 6, sampler: Sampler(temperature: 0.3))
        var condition = TokenSequence()
        condition.append(modality: 1, position: 2, token: 3)
        let truth: [Int32] = [1, 7, 3, 0, 5, 6]
        var stream = ROARGenerator.generator(seed: 8, clip: 2)
        var input = condition
        var sum = 0.0
        for position in generator.groups(using: &stream).joined() {
            var asked = TokenSequence()
            asked.append(modality: 0, position: position, token: truth[Int(position)])
            let loss = try model.evaluate(PackedBatch(samples: [.init(input: input, target: asked)])).modalityLoss[0]
            sum += try #require(loss)
            input.append(asked)
        }
        let nll = try generator.likelihood(model, condition: condition, truth: truth, seed: 8, clip: 2)
        #expect(abs(nll - sum / 6) < 1e-6)
    }
}
