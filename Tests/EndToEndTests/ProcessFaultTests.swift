import Experiment
import Foundation
import Testing

@Suite("Faults of processes and machines, with real ones")
struct ProcessFaultTests {
    @Test(
        "F3: of a grid of 27, three runs deleted and two failed: exactly these five run again, a killed sweeper between"
    )
    func missing() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(
            in: laboratory, name: "grid", count: 27,
            body:
                "case $x in 5|23) [ -e \"$folder/mended\" ] || exit 3; sleep 2;; 7|8|9) [ $n -lt 2 ] || sleep 2;; esac",
            keys: "retry: {attempts: 1}")
        try await laboratory.withTracker { laboratory in
            let first = try await laboratory.run("sweeper", "run", program.file, "--slots", "4")
            #expect(first.code == 1 && first.errors.contains("25 of 27 trials done"), "\(first.errors)")
            for x in 7...9 {
                let deleted = try await laboratory.run(
                    "tracker", "delete", "--where", "config.x = \(x)", "--yes")
                #expect(deleted.code == 0, "\(deleted.errors)")
            }
            _ = FileManager.default.createFile(atPath: program.folder + "/mended", contents: nil)
            let second = try laboratory.start("sweeper", "run", program.file, "--slots", "2", log: "second.log")
            try await program.wait("two of the five have begun") { program.starts.values.reduce(0, +) == 29 }
            second.kill()
            let third = try await laboratory.run("sweeper", "run", program.file, "--slots", "4")
            #expect(third.code == 0 && third.errors.contains("27 of 27 trials done"), "\(third.errors)")
        }
        let again: Set = [5, 7, 8, 9, 23]
        #expect(program.starts == Dictionary(uniqueKeysWithValues: (1...27).map { ($0, again.contains($0) ? 2 : 1) }))
        #expect(
            program.ends == Dictionary(uniqueKeysWithValues: (1...27).map { ($0, [7, 8, 9].contains($0) ? 2 : 1) }))
    }

    @Test("F7: sweeper and program stand still past the lease: another takes the program over, and the first lets go")
    func stopped() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(
            in: laboratory, name: "still", count: 1,
            body: "while [ ! -e \"$folder/go\" ]; do sleep 0.1; done")
        try await laboratory.withTracker { laboratory in
            let first = try laboratory.start("sweeper", "run", program.file, "--slots", "1", log: "first.log")
            try await program.wait("it has begun") { program.starts == [1: 1] }
            first.signal(SIGSTOP)
            for process in program.processes { kill(process, SIGSTOP) }
            // A lease and the tolerance are 30 s.
            let second = try laboratory.start("sweeper", "run", program.file, "--slots", "1", log: "second.log")
            for _ in 0..<600 where !laboratory.log("second.log").contains("running still") {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(laboratory.log("second.log").contains("running still"), "\(laboratory.log("second.log"))")
            // Back to life, the first hears that the claim is not its own, and must leave the program alone.
            first.signal(SIGCONT)
            for process in program.processes { kill(process, SIGCONT) }
            try await Task.sleep(for: .seconds(7))
            _ = FileManager.default.createFile(atPath: program.folder + "/go", contents: nil)
            let codes = [
                try await first.waitForExit(within: .seconds(30)), try await second.waitForExit(within: .seconds(30)),
            ]
            #expect(codes == [0, 0], "\(laboratory.log("first.log"))\(laboratory.log("second.log"))")
        }
        #expect(program.starts == [1: 1] && program.ends == [1: 1])
    }

    @Test("F8: where every run dies at once the slots close and the sweep keeps its configurations")
    func badNode() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(
            in: laboratory, name: "broken", count: 20, body: "[ -e \"$folder/mended\" ] || exit 1",
            keys: "retry: {attempts: 1}")
        try await laboratory.withTracker { laboratory in
            let first = try await laboratory.run("sweeper", "run", program.file, "--slots", "2")
            #expect(first.code == 1 && first.errors.contains("every slot has closed"), "\(first.errors)")
            // Five failures in a row close each of the two slots.
            #expect(program.starts.values.reduce(0, +) == 10)
            let status = try await laboratory.run("sweeper", "status", "broken")
            #expect(status.output.contains("20 pending, 0 failed"), "\(status.output)")
            _ = FileManager.default.createFile(atPath: program.folder + "/mended", contents: nil)
            let second = try await laboratory.run("sweeper", "run", program.file, "--slots", "2")
            #expect(second.code == 0 && second.errors.contains("20 of 20 trials done"), "\(second.errors)")
        }
        #expect(program.ends == Dictionary(uniqueKeysWithValues: (1...20).map { ($0, 1) }))
        #expect(program.starts.values.reduce(0, +) == 30)
    }

    @Test("F9: six sweepers of one file at the same instant make one sweep and run each configuration once")
    func sameInstant() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let program = try CountedProgram(in: laboratory, name: "race", count: 30, body: "sleep 0.2")
        try await laboratory.withTracker { laboratory in
            let sweepers = try (0..<6).map {
                try laboratory.start("sweeper", "run", program.file, "--slots", "2", log: "race-\($0).log")
            }
            for (index, sweeper) in sweepers.enumerated() {
                #expect(
                    try await sweeper.waitForExit(within: .seconds(90)) == 0, "\(laboratory.log("race-\(index).log"))")
            }
            let sweeps = try await laboratory.run("sweeper", "status", "--format", "csv")
            #expect(sweeps.output.split(separator: "\n").count == 2, "\(sweeps.output)")
        }
        #expect(program.starts == Dictionary(uniqueKeysWithValues: (1...30).map { ($0, 1) }))
    }

    @Test("F10: out of memory beside others, tried again with fewer of them until it fits; what never fits ends")
    func outOfMemory() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        // Fits where at most one of them runs at a time; the fourth fits nowhere.
        let program = try CountedProgram(
            in: laboratory, name: "memory", count: 4,
            body: """
                mkdir "$folder/at-work-$x"
                sleep 1
                others=$(ls -d "$folder"/at-work-* | wc -l)
                sleep 0.3
                rmdir "$folder/at-work-$x"
                if [ "$others" -gt 1 ] || [ "$x" = 4 ]; then echo "MemoryError: no room" >&2; exit 1; fi
                """, keys: "retry: {attempts: 9}")
        try await laboratory.withTracker { laboratory in
            let run = try await laboratory.run("sweeper", "run", program.file, "--slots", "4")
            #expect(run.code == 1 && run.errors.contains("3 of 4 trials done"), "\(run.errors)")
            #expect(run.errors.contains("it had no neighbours"), "\(run.errors)")
        }
        #expect(program.ends == [1: 1, 2: 1, 3: 1])
        // All together, with half as many, alone: no configuration is tried more often.
        #expect(program.starts.values.allSatisfy { $0 <= 3 } && program.starts.count == 4, "\(program.starts)")
    }

    @Test(
        "F12: Ctrl-C leaves programs alone, a second ends them with all they have started; no attempt is lost"
    )
    func interrupted() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        // Each has a child that a signal to the parent alone would leave behind.
        let program = try CountedProgram(
            in: laboratory, name: "interrupt", count: 2,
            body: """
                sh -c ': work-child; while :; do sleep 0.1; done' "$folder/work-child" & child=$!
                while [ ! -e "$folder/go" ]; do sleep 0.1; done
                kill $child
                """, keys: "retry: {attempts: 1}")
        try await laboratory.withTracker { laboratory in
            let first = try laboratory.start("sweeper", "run", program.file, "--slots", "2", log: "first.log")
            try await program.wait("both have begun") { program.starts == [1: 1, 2: 1] }
            first.signal(SIGINT)
            #expect(try await first.waitForExit(within: .seconds(10)) == 130)
            #expect(!program.processes.isEmpty, "a single Ctrl-C has ended the programs")

            let second = try laboratory.start("sweeper", "run", program.file, "--slots", "2", log: "second.log")
            try await program.wait("they are adopted") { laboratory.log("second.log").contains("running still") }
            second.signal(SIGINT)
            try await Task.sleep(for: .milliseconds(300))
            second.signal(SIGINT)
            #expect(try await second.waitForExit(within: .seconds(30)) == 130, "\(laboratory.log("second.log"))")
            #expect(program.processes.isEmpty, "orphans: \(program.processes)")
            #expect(program.starts == [1: 1, 2: 1] && program.ends.isEmpty)

            // A polite end from outside, as a service manager's.
            let third = try laboratory.start("sweeper", "run", program.file, "--slots", "2", log: "third.log")
            try await program.wait("they have begun again") { program.starts == [1: 2, 2: 2] }
            third.signal(SIGTERM)
            #expect(try await third.waitForExit(within: .seconds(10)) == 143)
            _ = FileManager.default.createFile(atPath: program.folder + "/go", contents: nil)
            let last = try await laboratory.run("sweeper", "run", program.file, "--slots", "2")
            #expect(last.code == 0 && last.errors.contains("2 of 2 trials done"), "\(last.errors)")
        }
        #expect(program.starts == [1: 2, 2: 2] && program.ends == [1: 1, 2: 1])
        #expect(program.processes.isEmpty)
    }
}
