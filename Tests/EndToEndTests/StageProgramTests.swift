import Experiment
import Foundation
import Testing

@Suite("A sweep whose stages are different programs")
struct StageProgramTests {
    @Test("Each is started with its own command, shares what it can, and finds what the one before it made")
    func stages() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        func script(_ name: String, _ body: String) throws -> String {
            let path = try laboratory.write("#!/bin/sh\nhome=${0%/*}\n\(body)\n", to: name)
            chmod(path, 0o755)
            return path
        }
        let train = try script("train", #"echo "$*" >>"$home/trained"; echo "$2" >"$1/model""#)
        let sample = try script(
            "sample", #"echo "$2 $(cat "$1/model") $(cat "$WANDB_SWEEP_PARAM_PATH" | tr -d '\n')" >>"$home/sampled""#)
        let file = try laboratory.write(
            """
            name: staged
            project: staged
            method: grid
            program: \(train)
            command: ["${program}", "${directory}", "${args}"]
            parameters:
              lr: {values: [1.0, 1e-3]}
              temperature: {values: [0.5, 1.0]}
            stages:
              - name: train
              - name: sample
                program: \(sample)
                command: ["${program}", "${input:train}", "${stage}"]
                reads: [temperature]
            """, to: "staged.yaml")
        let plan = try await laboratory.run("sweeper", "plan", file)
        #expect(plan.errors.contains("4 trials = 2 train (shared, not 4) + 4 sample"), "\(plan.errors)")
        try await laboratory.withTracker { laboratory in
            let run = try await laboratory.run("sweeper", "run", file, "--slots", "2")
            #expect(run.code == 0 && run.errors.contains("4 of 4 trials done"), "\(run.errors)")
            let extend = try await laboratory.run("sweeper", "extend", "staged", "--values", "temperature=2.0")
            #expect(extend.errors.hasPrefix("added 2 trials, 2 stages to run"), "\(extend.errors)")
            let more = try await laboratory.run("sweeper", "run", "staged")
            #expect(more.code == 0 && more.errors.contains("6 of 6 trials done"), "\(more.errors)")
            let runs = try await laboratory.run("tracker", "runs", "--sweep", "staged", "--format", "csv")
            #expect(runs.output.split(separator: "\n").count == 1 + 8, "\(runs.output)\(runs.errors)")
        }
        let trained = laboratory.log("trained").split(separator: "\n").map { $0.split(separator: " ").last ?? "" }
        #expect(trained.sorted() == ["--lr=0.001", "--lr=1.0"])
        let sampled = Set(laboratory.log("sampled").split(separator: "\n").map(String.init))
        let expected = ["1.0", "0.001"].flatMap { lr in
            ["0.5", "1.0", "2.0"].map { temperature in
                "sample --lr=\(lr) wandb_version: 1\"lr\": {\"value\": \(lr)}\"temperature\": {\"value\": \(temperature)}"
            }
        }
        #expect(sampled == Set(expected))
    }

    @Test("A stage's program that is not there is named before there is a sweep")
    func missing() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let file = try laboratory.write(
            """
            method: grid
            parameters: {a: {value: 1}}
            stages:
              - {name: one, program: /bin/true, command: ["${program}"]}
              - {name: two, program: surely-not-there, command: ["${program}"]}
            """, to: "missing.yaml")
        let run = try await laboratory.run("sweeper", "run", file)
        #expect(
            run.code == 1 && run.errors.contains("the program 'surely-not-there' is not on the PATH"), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
    }
}
