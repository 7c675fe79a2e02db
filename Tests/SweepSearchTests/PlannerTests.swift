import Experiment
import Foundation
import SweepDefinition
import SweepSearch
import Testing

@Suite("Planner")
struct PlannerTests {
    private func plan(_ text: String) throws -> SweepPlan {
        try SweepPlanner.plan(definitionText: text, file: "sweep.yaml")
    }

    private func demo() throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sweeps/demo.yaml")
        return try String(contentsOf: file.standardizedFileURL, encoding: .utf8)
    }

    @Test("The demo sweep is 45 trials out of 9 trainings and 45 generations")
    func demoSharesStages() throws {
        let plan = try plan(demo())
        #expect(plan.trials.count == 45)
        #expect(
            plan.stages.map(\.name) == Array(repeating: "train", count: 9) + Array(repeating: "generate", count: 45))
        #expect(Set(plan.stages.map(\.key)).count == 54)
        let keys = Set(plan.stages.prefix(9).map(\.key))
        #expect(plan.stages.dropFirst(9).allSatisfy { keys.contains($0.input ?? "") })
        #expect(plan.stages.prefix(9).allSatisfy { $0.input == nil && $0.config["temperature"] == nil })
        #expect(plan.stages.suffix(45).allSatisfy { $0.config["temperature"] != nil && $0.config["dim"] == .int(128) })
        let titles = plan.stages.map(\.title)
        #expect(titles[0] == "joint uniform")
        #expect(titles.contains("image+audio report"))
        #expect(titles.contains("joint balanced temperature=0.4"))
    }

    @Test("The grid has W&B's order: parameters by name, the last one fastest")
    func order() throws {
        let plan = try plan(
            """
            method: grid
            parameters:
              lr: {values: [0.1, 0.2]}
              dim: {values: [128, 64]}
              batch_size: {min: 1, max: 2}
            """)
        let rows = plan.trials.map { trial in
            ["batch_size", "dim", "lr"].map { trial.config[$0]?.canonicalText ?? "" }.joined(separator: " ")
        }
        #expect(
            rows == [
                "1 128 0.1", "1 128 0.2", "1 64 0.1", "1 64 0.2", "2 128 0.1", "2 128 0.2", "2 64 0.1", "2 64 0.2",
            ])
        #expect(plan.trials.map(\.number) == Array(1...8))
    }

    @Test("Nested parameters become a mapping, in the order of their names")
    func nested() throws {
        let plan = try plan(
            """
            method: grid
            parameters:
              seed: {values: [1, 2]}
              masking:
                parameters:
                  strategy: {value: dirichlet}
                  alphas: {parameters: {image: {values: [1, 8]}, audio: {values: [2, 4]}}}
            """)
        let rows = plan.trials.map { "\($0.config["masking"]?.canonicalText ?? "") \($0.config["seed"]?.label ?? "")" }
        let expected = [(2, 1), (2, 8), (4, 1), (4, 8)].flatMap { audio, image in
            (1...2).map { #"{"alphas":{"audio":\#(audio),"image":\#(image)},"strategy":"dirichlet"} \#($0)"# }
        }
        #expect(rows == expected)
    }

    @Test(
        "Countable distributions give W&B's values",
        arguments: [
            ("{min: 1, max: 3}", "[1,2,3]"), ("{distribution: int_uniform, min: -1, max: -1}", "[-1]"),
            ("{distribution: q_uniform, min: 0, max: 1, q: 0.25}", "[0,0.25,0.5,0.75]"),
            ("{distribution: q_uniform, min: 1, max: 4}", "[1,2,3]"),
            ("{values: [1, 1.0, 2, '2']}", #"[1,2,"2"]"#),
        ])
    func values(parameter: String, values: String) throws {
        // A masking's name is not checked, so that the values need not be settings of the trainer.
        let definition =
            "method: grid\nparameters: {masking: {parameters: {strategy: {value: uniform}, name: \(parameter)}}}"
        let found = try plan(definition).trials.map { trial -> JSONValue in
            guard case .object(let members)? = trial.config["masking"] else { return .null }
            return members["name"] ?? .null
        }
        #expect(JSONValue.array(found).canonicalText == values)
    }

    @Test(
        "A grid that cannot be counted, or a config that the trainer refuses, is refused at its place",
        arguments: [
            ("lr: {min: 0.1, max: 1.0}", "3:7", "cannot count"),
            ("dim: {distribution: q_uniform, min: 2, max: 2}", "3:8", "no values"),
            ("dimm: {value: 32}", "3:3", "did you mean 'dim'?"),
            ("dim: {values: [512, wide]}", "3:23", "whole number"),
            ("dim: {values: [512, \"512\"]}", "3:23", "whole number"),
            ("dim: {value: 100}", "3:16", "multiple of head_dim"),
            ("lr: {value: -1}", "3:15", "lr must be from"),
            ("masking: {value: {strategy: uniform, alpas: {}}}", "3:20", "no key 'alpas'"),
            ("masking: {values: [uniform, balancd]}", "3:31", "did you mean 'balanced'?"),
            ("seed: {min: 0, max: 100000}", "3:9", "more than 100000"),
            ("seed: {min: -9223372036854775808, max: 9223372036854775807}", "3:9", "more than 100000"),
            ("seed: {distribution: q_uniform, min: 0, max: 1, q: 1e-300}", "3:9", "more than 100000"),
            ("{seed: {min: 1, max: 1000}, batch_size: {min: 1, max: 101}}", "2:1", "more than 100000"),
        ])
    func refused(parameter: String, place: String, words: String) throws {
        let error = #expect(throws: SweepDefinitionError.self) {
            try plan("method: grid\nparameters:\n  \(parameter)\n")
        }
        let description = try #require(error).description
        #expect(description.hasPrefix("sweep.yaml:\(place): "), "\(description)")
        #expect(description.contains(words), "\(description)")
        #expect(!description.contains("\n"))
    }

    @Test("The hash is of the meaning, not of the spelling")
    func hash() throws {
        let original = try demo()
        let text = original.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
            .joined(separator: "\n").replacing("1e-3", with: "0.001").replacing("400_000", with: "400000")
            .replacing("name: demo", with: "name: 'other'")
        let (one, other) = (try plan(original), try plan(text))
        #expect(text != original)
        #expect(one.definitionHash == other.definitionHash)
        #expect(one.stages.map(\.key) == other.stages.map(\.key))
        #expect(try plan(original.replacing("1.5]", with: "1.6]")).definitionHash != one.definitionHash)
        #expect(try plan(original + "\nrun_cap: 3").definitionHash != one.definitionHash)
    }

    @Test("A stage's key is the SHA-256 of what it reads itself and of the stage before it")
    func keys() throws {
        let plan = try plan(
            """
            method: grid
            parameters: {seed: {value: 3}, dim: {value: 64}, temperature: {value: 0.5}}
            stages: [{name: train}, {name: generate, reads: [temperature]}]
            """)
        let train = SHA256.hex(#"["train",{"dim":64,"seed":3},null]"#)
        #expect(plan.stages.map(\.key) == [train, SHA256.hex(#"["generate",{"temperature":0.5},"\#(train)"]"#)])
        #expect(plan.stages.map(\.title) == ["sweep", "sweep"])
    }

    @Test("A stage's own program is part of its key, and of what follows it; the one program of a whole sweep is not")
    func keysOfPrograms() throws {
        let head = "method: grid\nparameters: {a: {value: 1}, b: {value: 2.0}}\n"
        let single = try plan(head + "program: x.py")
        #expect(single.stages.map(\.key) == [SHA256.hex(#"["run",{"a":1,"b":2},null]"#)])
        #expect(single.program == "x.py" && single.programs == nil)
        #expect(try plan(head + "program: y.py").definitionHash != single.definitionHash)

        func stages(_ program: String, _ command: String = "[sh, x]") throws -> SweepPlan {
            try plan(
                head
                    + "stages: [{name: run, program: \(program), command: \(command)}, {name: two, program: z, reads: [b]}]"
            )
        }
        let staged = try stages("x.py")
        let run = SHA256.hex(#"["run",{"a":1},null,["x.py","sh","x"]]"#)
        #expect(staged.stages.map(\.key) == [run, SHA256.hex(#"["two",{"b":2},"\#(run)",["z"]]"#)])
        #expect(staged.program == nil && staged.programs?.keys.sorted() == ["run", "two"])
        for other in [try stages("y.py"), try stages("x.py", "[sh, y]")] {
            #expect(other.definitionHash != staged.definitionHash)
            #expect(Set(other.stages.map(\.key)).isDisjoint(with: staged.stages.map(\.key)))
        }
        // A training is the same, whatever comes after it, and a program's parameters are no settings of the trainer.
        let trainer = "method: grid\nparameters: {dim: {value: 64}, seed: {value: 1}, threshold: {value: 2}}\n"
        let mixed = try plan(
            trainer + "stages: [{name: train}, {name: judge, program: j, reads: [threshold]}]")
        #expect(mixed.stages[0].key == SHA256.hex(#"["train",{"dim":64,"seed":1},null]"#))
        #expect(mixed.stages[0].config["threshold"] == nil && mixed.stages[1].config["threshold"] == .int(2))
    }

    @Test("A run cap leaves out the trials after it")
    func runCap() throws {
        let plan = try plan("method: grid\nrun_cap: 2\nparameters: {seed: {values: [1, 2, 3]}}")
        #expect(plan.trials.map { $0.config["seed"] } == [.int(1), .int(2)])
        #expect(plan.stages.count == 2)
    }

    @Test("A thousand trials share the trainings that they can share")
    func thousand() throws {
        let seeds = 10
        let text = """
            method: grid
            parameters:
              seed: {min: 1, max: \(seeds)}
              temperature: {distribution: q_uniform, min: 0, max: 10, q: 0.1}
              dim: {value: 128}
              head_dim: {value: 32}
              masking: {value: {strategy: dirichlet, alphas: {image: 1, audio: 8}}}
            stages: [{name: train}, {name: generate, reads: [temperature]}]
            """
        #expect(try plan(text).stages.count == seeds * 101)
    }
}
