import Dataset
import Experiment
import FoundationEssentials
import Tensor
import Testing
import Transformer

@testable import Training

@Suite("Damaged checkpoints")
struct CheckpointDamageTests {
    let workshop: Workshop

    /// Averages and a curriculum, so that there is as much state as there can be.
    var config: [String: JSONValue] {
        workshop.config(["ema_decay": 0.9, "optimizer": "muon", "masking": "curriculum", "keep_best": 0])
    }

    init() throws { workshop = try Workshop() }

    /// What a resumed training would begin with.
    private struct Restored: Hashable {
        let position: TrainingPosition
        let values: [[Float]]
    }

    private func restored(_ name: String) throws -> Restored {
        let settings = try TrainingSettings(config: config)
        let modalities = try settings.modalities(of: TokenSet.open(workshop.tokenSet))
        let model = Nano4M(try settings.modelConfiguration(modalities), seed: 5)
        let state = TrainingState(
            model: model, optimizer: AdamWOptimizer(model, settings: settings.optimizer),
            average: WeightAverage(model, decay: 0.9))
        let checkpoints = TrainingCheckpoints(
            store: CheckpointStore(runDirectory: workshop.directory(name)), configuration: model.configuration,
            say: { _ in })
        let position = try #require(try checkpoints.restore(state))
        let path = "\(workshop.folder.path)/optimizer.safetensors"
        try SafeTensors.write(state.optimizer.checkpointTensors(), to: path)
        let optimizer = try SafeTensors(contentsOf: path)
        let moments = try optimizer.entries.keys.sorted().filter { $0 != "optimizer.step" }.map(optimizer.floats)
        return Restored(
            position: position,
            values: [Array(model.parameters.values.floats), state.average.map { Array($0.values.floats) } ?? []]
                + moments)
    }

    private func newest(_ name: String) throws -> String {
        try #require(CheckpointStore(runDirectory: workshop.directory(name)).whole().first).path
    }

    @Test("A flipped bit, a cut or a byte too many in any file gives way to the checkpoint before")
    func damage() throws {
        #expect(try workshop.run("a", config: config, stopAfter: 5) == 143)
        let newest = try newest("a")
        let whole = try restored("a")
        let away = "\(workshop.folder.path)/away"
        try FileManager.default.moveItem(atPath: newest, toPath: away)
        let before = try restored("a")
        try FileManager.default.moveItem(atPath: away, toPath: newest)
        #expect(before.position.step < whole.position.step && before.values != whole.values)
        var random = Xoshiro256(seed: 4)
        let files = try FileManager.default.contentsOfDirectory(atPath: newest).sorted()
        #expect(files == ["average.safetensors", "checkpoint.json", "model.safetensors", "state.safetensors"])
        for file in files {
            let url = URL(filePath: "\(newest)/\(file)")
            let bytes = try Data(contentsOf: url)
            // The header's length, the header, the values: ends and places drawn from all of it.
            let places =
                [0, 7, 8, bytes.count / 2, bytes.count - 1]
                + (0..<5).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
            for place in places {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try damaged.write(to: url)
                #expect(try restored("a") == before, "bit of byte \(place) of \(file)")
                try bytes.prefix(place).write(to: url)
                #expect(try restored("a") == before, "\(file) cut at \(place)")
            }
            try (bytes + [0]).write(to: url)
            #expect(try restored("a") == before, "\(file) with a byte more")
            try bytes.write(to: url)
        }
        #expect(try restored("a") == whole)
    }

    @Test("A training goes on from before the damage and ends as if there had been none")
    func goesOn() throws {
        #expect(try workshop.run("whole", config: config) == 0)
        #expect(try workshop.run("cut", config: config, stopAfter: 5) == 143)
        let damaged = "\(try newest("cut"))/state.safetensors"
        var bytes = try Data(contentsOf: URL(filePath: damaged))
        bytes[bytes.count - 3] ^= 4
        try bytes.write(to: URL(filePath: damaged))
        #expect(try workshop.run("cut", config: config, attempt: 2) == 0)
        #expect(try workshop.rows("cut", attempt: 2).first?.step == 4)
        #expect(try workshop.weights("cut") == workshop.weights("whole"))
    }

    @Test("Where none is left whole the run says so and does not begin again on its own")
    func none() throws {
        #expect(try workshop.run("a", config: config, stopAfter: 5) == 143)
        for checkpoint in CheckpointStore(runDirectory: workshop.directory("a")).whole() {
            var bytes = try Data(contentsOf: URL(filePath: checkpoint.model))
            bytes[100] ^= 1
            try bytes.write(to: URL(filePath: checkpoint.model))
        }
        #expect(try workshop.run("a", config: config, attempt: 2) == 2)
        let message = try #require(workshop.result("a").message)
        #expect(message.contains("step-00000005 is not as it was written (model.safetensors)"))
        let source: [String: JSONValue] = ["init_from": .string(workshop.directory("a"))]
        #expect(try workshop.run("b", config: workshop.config(source)) == 2)
        #expect(try workshop.result("b").message == message)
    }
}
