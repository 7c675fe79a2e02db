import Dataset
import Experiment
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
