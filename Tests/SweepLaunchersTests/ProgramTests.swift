import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler
import Testing

@Suite("Programs that are not our trainer")
struct ProgramTests {
    private static let config: [String: JSONValue] = [
        "lr": .double(1e-5), "bias": .bool(true), "amp": .bool(false), "name": .string("a b"), "n": .int(3),
        "opt": .object(["name": .string("adam"), "betas": .array([.double(0.9), .double(1)])]),
    ]

    @Test(
        "Macros are filled in as W&B's agent does",
        arguments: [
            ("${env}", ["/usr/bin/env"]), ("${interpreter}", ["python"]), ("${program}", ["train.py"]),
            (
                "${args}",
                [
                    "--amp=False", "--bias=True", "--lr=1e-05", "--n=3", "--name=a b",
                    "--opt={'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_no_boolean_flags}",
                [
                    "--bias", "--lr=1e-05", "--n=3", "--name=a b",
                    "--opt={'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_no_hyphens}",
                [
                    "amp=False", "bias=True", "lr=1e-05", "n=3", "name=a b",
                    "opt={'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_no_equals}",
                [
                    "--amp", "False", "--bias", "True", "--lr", "1e-05", "--n", "3", "--name", "a b", "--opt",
                    "{'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_append_hydra}",
                [
                    "+amp=False", "+bias=True", "+lr=1e-05", "+n=3", "+name=a b",
                    "+opt={'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_override_hydra}",
                [
                    "++amp=False", "++bias=True", "++lr=1e-05", "++n=3", "++name=a b",
                    "++opt={'betas': [0.9, 1.0], 'name': 'adam'}",
                ]
            ),
            (
                "${args_json}",
                [
                    #"{"amp": false, "bias": true, "lr": 1e-05, "n": 3, "name": "a b", "opt": {"betas": [0.9, 1.0], "name": "adam"}}"#
                ]
            ),
            ("${args_json_file}", ["/run/config.json"]), ("--home=${envvar:HOME}", ["--home=/h"]),
            ("${envvar:NOT_SET}", ["NOT_SET"]), ("plain; $(id) `x`", ["plain; $(id) `x`"]), ("${unknown}", []),
        ] as [(String, [String])])
    func macros(item: String, arguments: [String]) {
        let command = ProgramCommand(StageProgram(program: "train.py", command: [item]))
        let result = command.arguments(
            config: ProgramTests.config, jsonFile: "/run/config.json", environment: ["HOME": "/h"])
        #expect(result == arguments)
    }

    /// Made with `create_sweep_command_args` of the client 0.31.0 and PyYAML.
    @Test(
        "Values are written as Python writes them",
        arguments: [
            (.int(-3), "-3", "-3"), (.double(1), "1.0", "1.0"), (.double(-0.0), "-0.0", "-0.0"),
            (.double(1e-5), "1e-05", "1e-05"), (.double(1e-3), "0.001", "0.001"),
            (.double(1e5), "100000.0", "100000.0"),
            (.double(9_007_199_254_740_992), "9007199254740992.0", "9007199254740992.0"),
            (.double(1e16), "1e+16", "1e+16"), (.double(-1.5e16), "-1.5e+16", "-1.5e+16"),
            (.double(12_345_678_901_234_568), "1.2345678901234568e+16", "1.2345678901234568e+16"),
            (.double(1e22), "1e+22", "1e+22"), (.double(0.1 + 0.2), "0.30000000000000004", "0.30000000000000004"),
            (.int(123_456_789_012_345_678), "123456789012345678", "123456789012345678"),
            (.double(.nan), "nan", "NaN"), (.double(.infinity), "inf", "Infinity"),
            (.double(-.infinity), "-inf", "-Infinity"), (.bool(true), "True", "true"), (.bool(false), "False", "false"),
            (.null, "None", "null"), (.string("1.0"), "1.0", "\"1.0\""), (.string(""), "", "\"\""),
            (.array([.int(1), .double(2), .string("x")]), "[1, 2.0, 'x']", "[1, 2.0, \"x\"]"),
            (.object(["a": .null, "b": .double(1)]), "{'a': None, 'b': 1.0}", "{\"a\": null, \"b\": 1.0}"),
        ] as [(JSONValue, String, String)])
    func values(value: JSONValue, str: String, json: String) {
        let command = ProgramCommand(
            StageProgram(program: "x", command: ["${args}", "${args_json}", "${args_no_boolean_flags}"]))
        let words = command.arguments(config: ["p": value], jsonFile: "", environment: [:])
        let flag = value == .bool(true) ? ["--p"] : value == .bool(false) ? [] : ["--p=\(str)"]
        #expect(words == ["--p=\(str)", "{\"p\": \(json)}"] + flag)
    }

    @Test("Our own macros stand anywhere in an item, once, and an unknown folder's stays")
    func ownMacros() {
        let command = ProgramCommand(
            StageProgram(
                program: "x",
                command: [
                    "${directory}/out", "--from=${input:a-1}:${input:b}", "${stage}", "${envvar:E}", "${input:a-1}",
                ]))
        let words = command.arguments(
            config: [:], jsonFile: "", words: ["directory": "/r/${stage}", "stage": "s", "input:a-1": "/a"],
            environment: ["E": "x${directory}"])
        #expect(words == ["/r/${stage}/out", "--from=/a:${input:b}", "s", "x${directory}", "/a"])
    }

    @Test("S6: whatever a parameter holds reaches the program as one literal argument")
    func literal() async throws {
        let bench = try Bench(script: #"for word in "$@"; do printf '%s\0' "$word"; done > "$WANDB_DIR/arguments""#)
        defer { bench.remove() }
        let values = [
            ";id", "$(id)", "`id`", "a\nb", "--flag", "-", "%s%n", "it's \"so\"", "a  b", "$HOME", "*", "", "\\", "é",
            String(repeating: "x", count: 100_000),
        ]
        let names = values.indices.map { "p\($0 + 10)" }
        let config = Dictionary(uniqueKeysWithValues: zip(names, values.map { JSONValue.string($0) }))
        let launcher = bench.launcher()
        let process = try await bench.start(
            launcher, program: bench.folder + "/trainer", command: ["${program}", "${args_no_equals}"], config: config)
        #expect(try await launcher.waitForEnd(of: process) == .exited(code: 0))
        let data = try Data(contentsOf: URL(filePath: bench.directory + "/arguments"))
        let words = data.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        #expect(words.map { String(decoding: $0, as: UTF8.self) } == zip(names, values).flatMap { ["--\($0)", $1] })
    }

    @Test("It is told what 'wandb agent' tells, and its exit code is on disk for whoever was not there")
    func surroundings() async throws {
        let bench = try Bench(
            script: #"""
                echo "$WANDB_SWEEP_ID $WANDB_RUN_ID $WANDB_PROJECT $WANDB_BASE_URL $WANDB_API_KEY"
                echo "$OMP_NUM_THREADS $MKL_NUM_THREADS $CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER"
                cat "$WANDB_SWEEP_PARAM_PATH"; exit 3
                """#)
        defer { bench.remove() }
        let machine = Machine(gpus: [GPU(index: 0), GPU(index: 1)], cores: 8, memory: 8 << 30)
        let launcher = bench.launcher(machine: machine)
        let process = try await bench.start(
            launcher, attempt: 2, resources: StageResources(gpus: 2, cpus: 3), program: bench.folder + "/trainer",
            command: ["${program}"])
        #expect(try await launcher.waitForEnd(of: process) == .exited(code: 3))
        #expect(
            bench.log == """
                s1 r1 p http://127.0.0.1:9 secret
                3 3 0,1 PCI_BUS_ID
                wandb_version: 1
                "dim": {"value": 32}

                """)
        let result = try #require(await launcher.result(directory: bench.directory))
        #expect(result == StageResult(state: .failed, exitCode: 3, attempt: 2))
    }

    @Test("F12: who ends it gives it time; what it has started and left behind ends too")
    func ended() async throws {
        // It goes on after SIGTERM, and its child ignores that signal.
        let bench = try Bench(
            script: """
                trap 'echo asked' TERM
                (trap '' TERM; exec sleep 600) &
                echo $! > child; echo up
                while :; do sleep 0.05; done
                """)
        defer { bench.remove() }
        let launcher = bench.launcher(grace: .milliseconds(400))
        let process = try await bench.start(
            launcher, program: bench.folder + "/trainer", command: ["${env}", "-C", bench.folder, "${program}"])
        try await bench.wait { bench.log.contains("up") }
        let text = try String(contentsOfFile: bench.folder + "/child", encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(ProcessTable.identity(child) != nil)
        // A stopped process ends too.
        kill(-process.pid, SIGSTOP)
        await launcher.terminate(process)
        #expect(try await launcher.waitForEnd(of: process) == .signalled(SIGKILL))
        #expect(bench.log.contains("asked"))
        try await bench.wait { ProcessTable.stat(child).map(\.hasEnded) ?? true }
        #expect(ProcessTable.stat(child).map(\.hasEnded) ?? true, "an orphan is left")
    }

    @Test(
        "A program that is not there or cannot be executed is refused before anything is claimed",
        arguments: [
            ("missing.py", nil, "there is no file 'missing.py' to run in"),
            ("plain", ["${program}"], "'./plain' cannot be executed; run 'chmod +x ./plain'"),
            ("none", ["${program}", "${args}"], "there is no program './none'"),
            ("x", ["plain", "${args}"], "the program 'plain' is here but not on the PATH; write './plain'"),
            ("x", ["surely-not-there"], "the program 'surely-not-there' is not on the PATH"),
            ("x", ["${env}", "A=1", "surely-not-there"], "the program 'surely-not-there' is not on the PATH"),
            ("x", ["${unknown}"], "'command' of the sweep has no words"),
        ] as [(String, [String]?, String)])
    func refused(program: String, command: [String]?, sentence: String) throws {
        let bench = try Bench(script: "")
        defer { bench.remove() }
        for name in ["plain", "python"] {
            try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: "\(bench.folder)/\(name)"))
        }
        chmod(bench.folder + "/python", 0o700)
        let error = #expect(throws: LauncherError.self) {
            let path = command?.first == "${program}" ? "./" + program : program
            try ProgramCommand(StageProgram(program: path, command: command)).check(
                environment: ["PATH": bench.folder], directory: bench.folder)
        }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "accepted")")
    }
}
