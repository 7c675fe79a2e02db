import Experiment
import SweepDefinition
import Testing

@Suite("Stages with programs of their own")
struct StageProgramTests {
    private static let head = "method: grid\nparameters: {lr: {values: [1, 2]}, t: {values: [3, 4]}}\n"

    @Test("A stage runs its own program, else the sweep's; a command that it has not is the sweep's too")
    func programs() throws {
        let definition = try Definition(
            text: StageProgramTests.head + """
                program: train.py
                command: [python3, "${program}", "${args}"]
                stages:
                  - name: train
                  - {name: sample, program: sample.py, reads: [t], resources: {cpus: 2}}
                  - {name: judge, program: judge.sh, command: [sh, "${program}", "${input:train}/model"]}
                """)
        #expect(definition.stages.map(\.name) == ["train", "sample", "judge"])
        #expect(definition.stages.map(\.reads) == [["lr"], ["t"], []])
        let usual = ["python3", "${program}", "${args}"]
        #expect(
            definition.programs == [
                StageProgram(program: "train.py", command: usual), StageProgram(program: "sample.py", command: usual),
                StageProgram(program: "judge.sh", command: ["sh", "${program}", "${input:train}/model"]),
            ])
        #expect(!definition.runsTrainer && !definition.isSingleProgram)
        #expect(definition.stages[1].resources == StageResources(cpus: 2))
    }

    @Test("Our trainer's stages may be followed by programs; only what it reads must be its settings")
    func afterTrainer() throws {
        let definition = try Definition(
            text: """
                method: grid
                parameters: {dim: {value: 32}, temperature: {value: 1}, threshold: {values: [1, 2]}}
                stages:
                  - name: train
                  - {name: judge, program: judge.py, reads: [threshold, temperature]}
                """)
        #expect(definition.runsTrainer && definition.trainerParameters == ["dim"])
        #expect(definition.stages.map(\.program?.program) == [nil, "judge.py"])
        let named = try Definition(
            text: """
                method: grid
                program: judge.py
                parameters: {dim: {value: 32}, threshold: {value: 1}}
                stages: [{name: train, program: trainer}, {name: judge, reads: [threshold]}]
                """)
        #expect(named.stages.map(\.program?.program) == [nil, "judge.py"])
    }

    @Test(
        "A mistake gives one sentence with its place",
        arguments: [
            ("stages: [{name: a, program: ''}]", "3:29", "a text"),
            ("stages: [{name: a, program: x, command: y}]", "3:41", "must be a list"),
            ("stages: [{name: a, program: x, command: [[y]]}]", "3:42", "words of a command line"),
            ("stages: [{name: train, command: [y]}]", "3:24", "name the 'program'"),
            ("stages: [{name: train, program: trainer, command: [y]}]", "3:42", "name the 'program'"),
            ("stages: [{name: a b, program: x}]", "3:17", "letters, digits"),
            ("stages: [{name: 3, program: x}]", "3:17", "a text"),
            ("stages: [{program: x}]", "3:10", "needs the key 'name'"),
            ("stages: [{name: a, program: x}, {name: a, program: y}]", "3:40", "as stage 1 is"),
            ("stages: [{name: a, program: x}, {name: train}]", "3:40", "the trainer's come first"),
            ("stages: [{name: train}, {name: trian}]", "3:32", "did you mean 'train'?"),
            ("stages: [{name: a, program: x, comand: [y]}]", "3:32", "did you mean 'command'?"),
            ("stages: [{name: a, program: x, command: ['${input:a}']}]", "3:42", "the first stage has none"),
            (
                "stages: [{name: aa, program: x}, {name: b, program: x, command: [x, '-i=${input:ab}/m']}]", "3:69",
                "there is ${input:aa}; did you mean 'aa'?"
            ),
            ("stages: [{name: a, program: x}, {name: b, program: x, command: ['${input}']}]", "3:65", "${input:a}"),
            ("program: x\ncommand: ['${input:b}']\nstages: [{name: a}]", "5:10", "'${input:b}' is no folder"),
            ("stages: [{name: train}, {name: b, program: x, reads: [q]}]", "3:55", "no parameter of this sweep"),
        ] as [(String, String, String)])
    func mistakes(rest: String, place: String, words: String) {
        let error = #expect(throws: SweepDefinitionError.self) {
            try Definition(text: StageProgramTests.head + rest, file: "s.yaml")
        }
        let said = error?.description ?? "accepted"
        #expect(said.hasPrefix("s.yaml:\(place): ") && said.contains(words), "\(said)")
        #expect(!said.contains("\n"))
    }
}
