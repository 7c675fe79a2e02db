import Foundation
import Testing

@Suite("Bad input gives one clear sentence and an exit code that is not 0")
struct BadInputTests {
    @Test(
        "A sweep file with a mistake names file, line and column",
        arguments: [
            ("methud: grid\nparameters: {dim: {value: 32}}\n", "1:1", "did you mean 'method'?"),
            ("method: grid\nparameters: {dim: {values: 32}}\n", "2:", "list"),
            ("method: grid\nparameters:\n  dim: {values: []}\n", "3:", "empty"),
            ("method: grid\nparameters: {}\n", "2:", "parameter"),
            ("method: grid\nparameters:\n  dimm: {value: 32}\n", "3:", "did you mean 'dim'?"),
            ("method: grid\nparameters:\n  dim: {value: wide}\n", "3:", "whole number"),
            ("method: [grid\n", "2:", "not valid YAML"),
        ])
    func sweepFile(text: String, place: String, words: String) async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let file = try laboratory.write(text, to: "bad.yaml")
        let outcome = try await laboratory.run("sweeper", "plan", file)
        #expect(outcome.code != 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("bad.yaml:\(place)"), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        expectOneSentence(outcome.errors)
    }

    @Test("No ffmpeg: the sentence names the package")
    func noFFmpeg() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let outcome = try await laboratory.setting("PATH", to: laboratory.home)
            .run("trainer", "prepare", "--source", "synthetic", "--clips", "4")
        #expect(outcome.code != 0)
        #expect(outcome.errors.contains("ffmpeg"))
        expectOneSentence(outcome.errors)
    }

    @Test("A port in use")
    func portInUse() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await laboratory.withTracker { laboratory in
            let url = try #require(try await laboratory.run("/usr/bin/env").output.firstMatch(of: /SAGA_URL=.*:(\d+)/))
            let outcome = try await laboratory.run("tracker", "serve", "--port", String(url.1))
            #expect(outcome.code != 0)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains(String(url.1)) && outcome.errors.contains("in use"), "\(outcome.errors)")
            expectOneSentence(outcome.errors)
        }
    }

    @Test(
        "A database that refuses",
        arguments: [
            ["serve", "--port", "0"], ["best", "--sweep", "demo", "--metric", "loss"], ["runs"],
        ])
    func databaseRefuses(arguments: [String]) async throws {
        let laboratory = try Laboratory().setting("DATABASE_URL", to: "postgresql://nobody@127.0.0.1:1/none")
        defer { laboratory.remove() }
        let outcome = try await laboratory.run("tracker", arguments)
        #expect(outcome.code != 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("DATABASE_URL"), "\(outcome.errors)")
        expectOneSentence(outcome.errors)
    }

    @Test("No tracker: the sweeper says how to start one")
    func noTracker() async throws {
        let laboratory = try Laboratory().setting("SAGA_URL", to: "http://127.0.0.1:1")
        defer { laboratory.remove() }
        let file = try laboratory.write(SmallSweep.definition(totalTokens: 1000), to: "small.yaml")
        let outcome = try await laboratory.run("sweeper", "run", file)
        #expect(outcome.code != 0)
        #expect(outcome.errors.contains("tracker serve"), "\(outcome.errors)")
        expectOneSentence(outcome.errors)
    }

    @Test(
        "What this machine can never give, or no program can be, is refused before there is a sweep",
        arguments: [
            ("resources: {gpus: 1}", "asks for 1 GPU, and there is none here; change 'gpus' of 'resources'"),
            ("resources: {gpu_memory: 80GB}", "asks for 1 GPU, and there is none here"),
            ("resources: {memory: 900TB}", "asks for 900000.0 GB of memory, and there are "),
            ("resources: {cpus: 5000}", "asks for 5000 cores, and there are "),
            ("stages: [{name: train, resources: {gpus: 2}}]", "a trainer of stage 'train' asks for 2 GPUs"),
            ("program: missing.py", "there is no file 'missing.py' to run in "),
            ("program: ./small.yaml\ncommand: ['${program}']", "'./small.yaml' cannot be executed; run 'chmod +x"),
            ("program: ./none\ncommand: ['${program}']", "there is no program './none'; give its path from "),
            ("program: small.yaml\ncommand: ['${program}']", "is here but not on the PATH; write './small.yaml'"),
            ("program: small.yaml\ncommand: [no-such-python, '${program}']", "'no-such-python' is not on the PATH"),
            ("program: small.yaml\ncommand: ['${unknown}']", "'command' of the sweep has no words"),
        ])
    func never(line: String, words: String) async throws {
        // As a machine without GPUs is, whatever this one has.
        let laboratory = try Laboratory().setting("SAGA_URL", to: "http://127.0.0.1:1")
            .setting("CUDA_VISIBLE_DEVICES", to: "")
        defer { laboratory.remove() }
        _ = try laboratory.write("method: grid\nparameters: {seed: {value: 1}}\n\(line)\n", to: "small.yaml")
        let outcome = try await laboratory.run(
            "/usr/bin/env", "-C", laboratory.home, laboratory.path(of: "sweeper"), "run", "small.yaml")
        #expect(outcome.code == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        expectOneSentence(outcome.errors)
    }

    @Test("GPUs that are not there, files that are none, and sweeps that nobody has")
    func unknown() async throws {
        let laboratory = try Laboratory().setting("CUDA_VISIBLE_DEVICES", to: "")
        defer { laboratory.remove() }
        let file = try laboratory.write("method: grid\nparameters: {dim: {value: 32}}\n", to: "small.yaml")
        try await laboratory.withTracker { laboratory in
            for (arguments, words) in [
                (["run", file, "--gpus", "0"], "this machine has no GPU 0; leave out --gpus"),
                (["run", laboratory.home + "/none.yaml"], "cannot be read; give the path of a sweep file"),
                (["run", laboratory.home], "cannot be read; give the path of a sweep file"),
                (["run", "nosuch"], "there is no file 'nosuch', and the tracker has no sweep of that name"),
                (["status", "nosuch"], "there is no sweep 'nosuch'; 'sweeper status' lists those that there are"),
                (["log", "nosuch", "1"], "there is no sweep 'nosuch'"),
                (["pause", "nosuch"], "there is no sweep 'nosuch'"),
                (["retry", "nosuch", "--failed"], "there is no sweep 'nosuch'"),
                (["extend", "nosuch", "--trials", "3"], "there is no sweep 'nosuch'"),
                (["status", "--watch"], "the tracker has no sweeps yet; start one with 'sweeper run FILE'"),
            ] {
                let outcome = try await laboratory.run("sweeper", arguments)
                #expect(outcome.code == 1 && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
                expectOneSentence(outcome.errors)
            }
        }
    }

    @Test(
        "A word of the environment that means nothing is an error, not another device",
        arguments: [
            ("SAGA_DEVICE", "gpu", "SAGA_DEVICE is 'gpu'; it may be cpu, cuda, cuda:N or auto."),
            ("SAGA_PRECISION", "bf16", "SAGA_PRECISION is 'bf16'; it may be float32, tf32, bfloat16, float16."),
        ], ["train", "generate"])
    func environment(setting: (name: String, value: String, message: String), stage: String) async throws {
        let laboratory = try Laboratory().setting(setting.name, to: setting.value)
        defer { laboratory.remove() }
        let outcome = try await laboratory.run(
            "trainer", stage, "--settings", "/there/is/none.json", "--tracker", "none")
        #expect(outcome.code == 64)
        #expect(outcome.errors.contains(setting.message), "\(outcome.errors)")
    }

    @Test("A run whose token set is missing says what to do", arguments: ["train", "generate"])
    func noTokens(stage: String) async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let file = try laboratory.write(#"{"config": {"tokens": "nothing"}}"#, to: "run.json")
        let outcome = try await laboratory.run("trainer", stage, "--settings", file, "--tracker", "none")
        #expect(outcome.code != 0)
        #expect(!outcome.errors.isEmpty)
        expectOneSentence(outcome.errors)
    }

    /// A sentence for a person: one line, no dump of a Swift value, no stack.
    private func expectOneSentence(_ errors: String) {
        let lines = errors.split(separator: "\n")
        #expect(lines.count == 1, "\(errors)")
        #expect(!errors.contains("Optional(") && !errors.contains("Error Domain") && !errors.contains("Fatal error"))
    }
}
