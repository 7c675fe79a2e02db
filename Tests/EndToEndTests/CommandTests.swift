import Experiment
import Foundation
import Synchronization
import Testing

@Suite("What people type while a sweep runs")
struct CommandTests {
    @Test("status, log, pause, resume, retry, run by name, extend, webhook and command: a sweep's whole life")
    func life() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(
            in: laboratory, name: "life", count: 3,
            body: """
                echo "working on $x"
                while [ ! -e "$folder/go" ]; do sleep 0.05; done
                [ "$x" = 2 ] && [ ! -e "$folder/mended" ] && exit 3
                """, keys: "retry: {attempts: 1}")
        let plan = try await laboratory.run("sweeper", "plan", program.file, "--format", "json", "--limit", "2")
        #expect(try JSONParser.parse(plan.output).object?["trials"]?.array?.count == 2)
        #expect(plan.errors.contains("1 trial more"), "\(plan.errors)")

        try await laboratory.withTracker { laboratory in
            let empty = try await laboratory.run("sweeper", "status")
            #expect(empty.code == 0 && empty.output.isEmpty && empty.errors.contains("no sweeps yet"))
            let told = Mutex<[String]>([])
            let hook = try Crossing(to: #require(laboratory.trackerPort)) { request, moment in
                if moment == .before {
                    told.withLock { $0.append("\(request.method) \(request.path) \(request.body)") }
                }
                return false
            }
            defer { hook.close() }
            let first = try laboratory.start(
                "sweeper", "run", program.file, "--slots", "1", "--webhook", hook.url + "/hook", "--notify-command",
                "cat >>\"\(program.folder)/notes\"; echo \" $SAGA_EVENT\" >>\"\(program.folder)/notes\"", log: "1.log")
            try await program.wait("the first trial has begun") { program.starts == [1: 1] }
            let status = try await laboratory.run("sweeper", "status", "life")
            #expect(status.output.contains("is running: 0 of 3 trials done"), "\(status.output)")
            #expect(status.output.contains("working on 1"), "what it said last: \(status.output)")
            async let followed = laboratory.run("sweeper", "log", "life", "1", "-f")
            // One that hears of changes, and would ask once an hour; one whose stream breaks, and asks.
            async let watched = laboratory.run("sweeper", "status", "life", "--watch", "--interval", "3600")
            let broken = Mutex(0)
            let deaf = try Crossing(to: #require(laboratory.trackerPort)) { request, _ in
                guard request.path.hasPrefix("/api/v1/events") else { return true }
                broken.withLock { $0 += 1 }
                return false
            }
            defer { deaf.close() }
            async let asked = laboratory.setting("SAGA_URL", to: deaf.url)
                .run("sweeper", "status", "life", "--watch", "--interval", "0.2")

            let pause = try await laboratory.run("sweeper", "pause", "life")
            _ = FileManager.default.createFile(atPath: program.folder + "/go", contents: nil)
            try await program.wait("the first trial has ended") { program.ends == [1: 1] }
            try await Task.sleep(for: .milliseconds(1200))
            #expect(pause.code == 0 && program.starts == [1: 1], "a paused sweep has handed out a trial")
            #expect(try await laboratory.run("sweeper", "resume", "life").code == 0)
            #expect(try await first.waitForExit(within: .seconds(20)) == 1, "\(laboratory.log("1.log"))")
            #expect(try await followed.output == "working on 1\n")
            for lines in try await [watched, asked] {
                #expect(lines.code == 1 && lines.output.hasPrefix("life "), "\(lines.output)")
                #expect(
                    lines.output.contains("paused: ") && lines.output.contains("failed: 2/3 trials; stages 2 done, 0"))
            }
            #expect(broken.withLock(\.self) > 0)
            let notes = laboratory.log("life/notes").split(separator: "\n")
            #expect(notes.count == 2 && notes.allSatisfy { $0.hasSuffix("} failed") }, "\(notes)")
            #expect(told.withLock(\.count) == 2 && told.withLock { $0[0].hasPrefix(#"POST /hook {"event":"failed""#) })

            _ = FileManager.default.createFile(atPath: program.folder + "/mended", contents: nil)
            let retry = try await laboratory.run("sweeper", "retry", "life", "--failed")
            #expect(retry.code == 0 && retry.errors.hasPrefix("1 stage is pending again"), "\(retry.errors)")
            let second = try await laboratory.run("sweeper", "run", "life")
            #expect(second.code == 0 && second.errors.contains("3 of 3 trials done"), "\(second.errors)")
            #expect(program.starts == [1: 1, 2: 2, 3: 1])

            let extend = try await laboratory.run("sweeper", "extend", "life", "--values", "x=4,3,5")
            #expect(extend.errors.hasPrefix("added 2 trials, 2 stages to run; "), "\(extend.errors)")
            let third = try await laboratory.run("sweeper", "run", "life")
            #expect(third.code == 0 && third.errors.contains("5 of 5 trials done"), "\(third.errors)")
            #expect(program.starts == [1: 1, 2: 2, 3: 1, 4: 1, 5: 1])
            let over = try await laboratory.run("sweeper", "status", "life", "--watch")
            #expect(over.code == 0 && over.output.contains("finished: 5/5 trials"), "\(over.output)")
            // What is over stays what it is.
            let cancel = try await laboratory.run("sweeper", "cancel", "life")
            #expect(cancel.code == 0 && cancel.errors.contains("is finished"), "\(cancel.errors)")
            let json = try await laboratory.run("sweeper", "status", "life", "--format", "json")
            #expect(try JSONParser.parse(json.output).object?["stages"]?.array?.count == 5)
        }
    }

    @Test("A canceled sweep ends its programs wherever they run; resumed, it goes on with what is left")
    func cancel() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(
            in: laboratory, name: "long", count: 2, body: "while [ ! -e \"$folder/go\" ]; do sleep 0.05; done",
            keys: "retry: {attempts: 1}")
        try await laboratory.withTracker { laboratory in
            let first = try laboratory.start("sweeper", "run", program.file, "--slots", "1", log: "1.log")
            try await program.wait("it has begun") { program.starts == [1: 1] }
            let cancel = try await laboratory.run("sweeper", "cancel", "long")
            #expect(cancel.code == 0 && cancel.errors.contains("is canceled"), "\(cancel.errors)")
            #expect(try await first.waitForExit(within: .seconds(20)) == 1, "\(laboratory.log("1.log"))")
            #expect(program.processes.isEmpty && program.ends.isEmpty)
            _ = FileManager.default.createFile(atPath: program.folder + "/go", contents: nil)
            #expect(try await laboratory.run("sweeper", "resume", "long").code == 0)
            let second = try await laboratory.run("sweeper", "run", "long")
            #expect(second.code == 0 && second.errors.contains("2 of 2 trials done"), "\(second.errors)")
        }
        #expect(program.starts == [1: 2, 2: 1])
    }

    @Test("Each command explains itself with examples, and scripts for completion are scripts")
    func help() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let top = try await laboratory.run("sweeper", "--help")
        let names = top.output.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
            .filter { $0.hasPrefix("  ") && $0.dropFirst(2).first?.isLowercase == true }.compactMap {
                $0.split(separator: " ").first
            }
        #expect(names.count >= 10, "\(top.output)")
        for name in names {
            let help = try await laboratory.run("sweeper", String(name), "--help")
            #expect(help.code == 0 && help.output.contains("EXAMPLES\n  sweeper \(name)"), "\(help.output)")
        }
        for shell in ["bash", "zsh", "fish"] {
            let script = try await laboratory.run("sweeper", "--generate-completion-script", shell)
            #expect(script.code == 0 && script.output.contains("retry"))
            if shell == "bash" {
                let file = try laboratory.write(script.output, to: "completion")
                #expect(try await laboratory.run("/bin/bash", "-n", file).code == 0)
            }
        }
    }

    @Test(
        "A wrong command line is one sentence, its usage and exit code 2",
        arguments: [
            (["run"], "<file>"), (["run", "x.yaml", "--slots", "0"], "--slots must be from 1 to 1024"),
            (["run", "x.yaml", "--gpus", "a"], "--gpus lists GPUs by number"),
            (["run", "x.yaml", "--webhook", "file:///x"], "--webhook must be an address"),
            (["plan", "x.yaml", "--limit", "0"], "--limit must be at least 1"),
            (["status", "--interval", "0"], "--interval must be from 0.1"),
            (["status", "--watch", "--format", "json"], "leave --format out"),
            (["retry", "x"], "give either --failed or numbers"), (["retry", "x", "0"], "numbered from 1"),
            (["extend", "x"], "give --values"), (["extend", "x", "--values", "lr"], "PARAMETER=VALUES"),
            (["extend", "x", "--values", "lr=["], "is not a list of values"),
            (["extend", "x", "f.yaml", "--values", "lr=1"], "not both"),
            (["extend", "x", "--trials", "0"], "at least 1"), (["foo"], "Unexpected argument 'foo'"),
        ])
    func usage(arguments: [String], words: String) async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let outcome = try await laboratory.run("sweeper", arguments)
        let lines = outcome.errors.split(separator: "\n")
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(lines.first?.hasPrefix("Error: ") == true && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(lines.contains { $0.hasPrefix("Usage: ") }, "\(outcome.errors)")
    }
}
