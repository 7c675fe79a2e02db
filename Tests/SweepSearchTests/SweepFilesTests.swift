import Experiment
import Foundation
import SweepDefinition
import SweepSearch
import Testing

@Suite("The files in Sweeps/")
struct SweepFilesTests {
    /// Trials, trainings and generations of each.
    private static let expected: [String: [Int]] = [
        "demo": [45, 9, 45], "joint-cost": [18, 18, 0],
        "joint-vs-pairs": [6, 6, 0], "joint-vs-pairs-gpu": [3, 3, 0],
        "masking": [10, 10, 0], "masking-gpu": [5, 5, 0], "masking-study": [21, 21, 0],
        "temperatures": [18, 1, 18], "temperatures-gpu": [22, 1, 22],
        "learning-rate": [8, 8, 0], "learning-rate-gpu": [6, 6, 0],
        "label-conditioning": [16, 8, 16], "label-conditioning-gpu": [24, 8, 24],
        "model-size": [6, 6, 0], "model-size-gpu": [6, 6, 0],
    ]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sweeps")
        .standardizedFileURL

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
    }

    private static func counts(_ plan: SweepPlan) -> [Int] {
        [plan.trials.count] + ["train", "generate"].map { name in plan.stages.count { $0.name == name } }
    }

    @Test("Each plans with the counts that its comment promises, and none is unknown here")
    func counts() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: SweepFilesTests.folder.path)
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        #expect(Set(names) == Set(SweepFilesTests.expected.keys))
        for (name, expected) in SweepFilesTests.expected {
            let plan = try SweepPlanner.plan(definitionText: SweepFilesTests.text(name), file: "\(name).yaml")
            #expect(SweepFilesTests.counts(plan) == expected, "\(name)")
            #expect(plan.name == name)
        }
    }

    @Test("Editing one temperature changes one generation a training, and no training")
    func oneTemperature() throws {
        let text = try SweepFilesTests.text("demo")
        let before = try SweepPlanner.plan(definitionText: text, file: "demo.yaml")
        let after = try SweepPlanner.plan(definitionText: text.replacing("1.5]", with: "1.6]"), file: "demo.yaml")
        let new = after.stages.filter { stage in !before.stages.contains { $0.key == stage.key } }
        #expect(new.count == 9 && new.allSatisfy { $0.name == "generate" && $0.config["temperature"] == .double(1.6) })
    }

    @Test("What a masking is called changes no key, what it does changes all that follow")
    func labels() throws {
        let text = try SweepFilesTests.text("demo")
        func keys(_ text: String) throws -> Set<String> {
            Set(try SweepPlanner.plan(definitionText: text, file: "demo.yaml").stages.map(\.key))
        }
        let original = try keys(text)
        #expect(try keys(text.replacing("name: report", with: "name: other")) == original)
        #expect(try keys(text.replacing("audio: 8", with: "audio: 4")).subtracting(original).count == 3 + 15)
    }

    @Test("A drawn configuration has the stages that the same one has in a grid")
    func drawn() throws {
        let definition = try Definition(text: SweepFilesTests.text("demo"), file: "demo.yaml")
        let plan = try SweepPlanner.plan(definition)
        let stages = Dictionary(plan.stages.map { ($0.key, $0) }) { first, _ in first }
        for trial in plan.trials {
            #expect(SweepPlanner.stages(of: trial.config, definition) == trial.stages.compactMap { stages[$0] })
        }
    }

    @Test("A definition that is drawn has a plan without trials; its settings are looked at all the same")
    func random() throws {
        let text = "method: random\nrun_cap: 7\nparameters: {lr: {min: 0.0, max: 1.0}, NAME: {value: 32}}"
        let plan = try SweepPlanner.plan(definitionText: text.replacing("NAME", with: "dim"), file: "s.yaml")
        #expect(plan.trials.isEmpty && plan.stages.isEmpty && plan.method == "random" && plan.trialLimit == 7)
        let error = #expect(throws: SweepDefinitionError.self) {
            try SweepPlanner.plan(definitionText: text.replacing("NAME", with: "dmi"), file: "s.yaml")
        }
        #expect(error?.description.hasPrefix("s.yaml:3:40: ") == true && error?.message.contains("'dim'") == true)
    }

    @Test("Constraints are part of what a definition means")
    func hash() throws {
        let text = "method: grid\nparameters: {dim: {values: [64, 128]}, lr: {values: [1, 2]}}\n"
        func hash(_ rest: String) throws -> String {
            try SweepPlanner.plan(definitionText: text + rest, file: "s.yaml").definitionHash
        }
        #expect(try Set([hash(""), hash("exclude: dim == 64"), hash("zip: [dim, lr]")]).count == 3)
        #expect(try hash("exclude: dim == 64") == hash("exclude: {dim: 64}"))
    }

    @Test("A stage's resources are its own, and the sweep's where it says nothing")
    func resources() throws {
        let plan = try SweepPlanner.plan(
            definitionText: """
                method: grid
                parameters: {dim: {value: 64}, temperature: {value: 1}}
                resources: {gpus: 2, time: 2h}
                stages: [{name: train}, {name: generate, reads: [temperature], resources: {gpus: 0}}]
                """, file: "s.yaml")
        #expect(plan.stages.map(\.resources) == [2, 0].map { StageResources(gpus: $0, time: 7200) })
    }
}
