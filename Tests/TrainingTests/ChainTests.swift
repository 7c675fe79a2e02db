import Dataset
import Experiment
import Tensor
import Testing
import Training
import Transformer

@Suite("Chains, curricula and layouts in whole stages")
struct ChainTests {
    private func tasks(_ config: [String: JSONValue]) throws -> [GenerationTask] {
        try GenerationTask.all(GenerationSettings(config: config), modalities: Workshop.modalities)
    }

    @Test("Each link of a chain is given the first and all before it")
    func links() throws {
        let tasks = try tasks(["generation_chain": "label -> image > pseudo-depth>audio"])
        #expect(tasks.map(\.target.name) == ["image", "pseudo-depth", "audio"])
        #expect(tasks.map(\.given) == [[3], [3], [3]])
        #expect(tasks.map(\.drawn) == [[], [0], [0, 1]])
    }

    @Test("A later link is shown what was drawn, not the clip's own tokens")
    func conditions() throws {
        let workshop = try Workshop()
        let tokens = try TokenSet.open(workshop.tokenSet)
        let task = try tasks(["generation_chain": "label > image > pseudo-depth"])[1]
        let drawn = [Int32](repeating: 31, count: 16)
        let condition = task.condition(tokens, clip: 2, drawn: [drawn])
        #expect(condition.modality == [3] + [Int32](repeating: 0, count: 16))
        #expect(condition.token == [2] + drawn)
    }

    @Test("A chain that cannot be is refused", arguments: ["image", "image > image", "image > nothing", "> image"])
    func refused(chain: String) {
        #expect(throws: (any Error).self) { try tasks(["generation_chain": .string(chain)]) }
    }

    @Test("A chain samples each clip as often as asked, the first sample as if it were alone")
    func samples() throws {
        let workshop = try Workshop()
        let tokens = try TokenSet.open(workshop.tokenSet)
        let training = try TrainingSettings(config: workshop.config(["subset": "image+pseudo-depth+label"]))
        let modalities = try training.modalities(of: tokens)
        let model = Nano4M(try training.modelConfiguration(modalities), seed: 3)
        func run(_ samples: Int64, _ clips: Int) throws -> [[[Int32]]] {
            let settings = try GenerationSettings(config: [
                "generation_chain": "label > image > pseudo-depth", "generation_samples": .int(samples),
            ])
            let chain = ChainRun(settings, tokens: tokens, clips: clips)
            return try chain.run(model, tasks: GenerationTask.all(settings, modalities: modalities)).map(\.tokens)
        }
        let single = try run(1, 2)
        let double = try run(2, 2)
        #expect(double.map(\.count) == [4, 4])
        for (one, two) in zip(single, double) {
            #expect([two[0], two[2]] == one)
            #expect(two[1] != two[0])
        }
        #expect(try run(2, 2) == double)
    }

    @Test("Each sample of a chain is shown its own clip and what it drew itself")
    func ownDraws() throws {
        let workshop = try Workshop()
        let tokens = try TokenSet.open(workshop.tokenSet)
        let training = try TrainingSettings(config: workshop.config(["subset": "image+pseudo-depth+label"]))
        let modalities = try training.modalities(of: tokens)
        let model = Nano4M(try training.modelConfiguration(modalities), seed: 3)
        let settings = try GenerationSettings(config: [
            "generation_chain": "label > image > pseudo-depth", "generation_samples": 2,
        ])
        let chain = ChainRun(settings, tokens: tokens, clips: 3)
        let links = try chain.run(model, tasks: GenerationTask.all(settings, modalities: modalities))
        #expect(chain.samples.map(\.clip) == [0, 0, 1, 1, 2, 2])
        #expect(Set(links[0].tokens).count == 6)
        for (index, sample) in chain.samples.enumerated() {
            let label = tokens.tokens(modality: "label", split: .eval, clip: sample.clip)
            #expect(links[0].conditions[index].token == label)
            #expect(links[1].conditions[index].token == label + links[0].tokens[index])
        }
    }

    @Test("What settings say of generation is what the generator does")
    func plan() throws {
        let task = try tasks(["generation_chain": "label > image"])[0]
        func plan(_ changes: [String: JSONValue]) throws -> DecodingPlan {
            try GenerationSettings(config: changes).generator(task, units: nil).plan
        }
        let plain = try plan([:])
        #expect(plain.target == 0 && plain.length == 16 && plain.steps == 8 && plain.guidanceScale == 1)
        let changed = try plan([
            "generation_order": "maskgit", "generation_schedule": "cosine", "temperature": 0.7,
            "temperature_schedule": "onex", "temperature_min": 0.1, "top_k": 5, "top_p": 0.9, "guidance_scale": 3,
            "generation_steps": 4,
        ])
        #expect(changed.schedule == .cosine && changed.steps == 4)
        #expect(changed.temperatures == .onex && changed.minimumTemperature == 0.1)
        #expect(changed.guidanceScale == 3)
        #expect(try changed.sampler == Sampler(temperature: 0.7, topK: 5, topP: 0.9))
        #expect(try plan(["top_k": 0.25]).sampler == Sampler(topShare: 0.25))
        let settings = try GenerationSettings(config: ["generation_order": "maskgit", "gumbel_temperature": 2])
        let maskGIT = try #require(try settings.generator(task, units: nil) as? MaskGITGenerator)
        #expect(maskGIT.gumbelTemperature == 2)
        #expect(try GenerationSettings(config: [:]).generator(task, units: nil) is ROARGenerator)
        let units: [[Int32]] = [Array(8..<16), Array(0..<8)]
        let rising = try GenerationSettings(config: ["generation_order": "autoregressive"]).generator(
            task, units: units)
        var random = Xoshiro256(seed: 1)
        #expect(rising.groups(using: &random) == units)
    }

    @Test("A class guides what is sampled, as one token or as the words of its name", arguments: ["token", "words"])
    func labelGuides(form: String) throws {
        let workshop = try Workshop()
        let config = workshop.config([
            "subset": "image+label", "label": .string(form), "masking": "balanced", "input_tokens_range": [1, 4],
            "total_tokens": 98_304, "eval_every_tokens": 98_304, "checkpoint_every_tokens": 98_304, "lr": 0.01,
        ])
        #expect(try workshop.run("train", config: config) == 0)
        let trained = try TrainedModel.open(workshop.directory("train"))
        let settings = try GenerationSettings(config: ["generation_chain": "label > image", "temperature": 0])
        let chain = ChainRun(settings, tokens: trained.tokens, clips: 8)
        let link = try #require(
            try chain.run(trained.model, tasks: GenerationTask.all(settings, modalities: trained.modalities)).first)
        var right = 0
        for (sample, tokens) in zip(chain.samples, link.tokens) {
            let truth = trained.tokens.tokens(modality: "image", split: .eval, clip: sample.clip)
            // A class has two tokens of its own; which of them is a matter of the position.
            right += zip(tokens, truth).count { $0 / 5 == $1 / 5 }
        }
        // A quarter without knowing the class.
        #expect(Double(right) / Double(8 * 16) > 0.4)
    }

    @Test("A curriculum that was stopped goes on bit for bit")
    func resume() throws {
        let workshop = try Workshop()
        let config = workshop.config(["masking": "curriculum"])
        try workshop.run("whole", config: config)
        try workshop.run("parts", config: config, stopAfter: 5)
        try workshop.run("parts", config: config, attempt: 2)
        #expect(try workshop.weights("parts") == workshop.weights("whole"))
        try workshop.run("balanced", config: workshop.config(["masking": "balanced"]))
        #expect(try workshop.weights("balanced") != workshop.weights("whole"))
    }
}
