import Experiment
import Foundation
import Testing

@Suite("Clocks that step, with real processes")
struct ClockFaultTests {
    @Test(
        "F17: the clock of sweepers, tracker and database steps by an hour, both ways, time zones differ: each runs once"
    )
    func steps() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        let clock = try await SteppingClock(in: laboratory)
        // The first goes on through both steps, and renews its lease after each.
        let program = try CountedProgram(
            in: laboratory, name: "clocks", count: 4,
            body: "while [ ! -e \"$folder/go\" ] && [ $x = 1 ]; do sleep 0.1; done; sleep 0.3")
        try await clock.seen(by: laboratory).setting("TZ", to: "UTC").withTracker { laboratory in
            let first = try laboratory.start("sweeper", "run", program.file, "--slots", "1", log: "first.log")
            try await program.wait("it has begun") { program.starts == [1: 1] }
            try clock.step(.hourAhead)
            let now = try await laboratory.run(
                "tracker", "query", "select extract(epoch from now())", "--format", "csv")
            let there = try #require(now.output.split(separator: "\n").last.flatMap { Double($0) }, "\(now.errors)")
            #expect(abs(there - Date.now.timeIntervalSince1970 - 3600) < 60, "the database's clock has not stepped")
            // Another machine would have a clock of its own: what lives is not taken from it.
            let second = try laboratory.setting("TZ", to: "Pacific/Auckland").setting("LD_PRELOAD", to: nil)
                .start("sweeper", "run", program.file, "--slots", "1", log: "second.log")
            try await program.wait("the other has worked off the rest") { program.ends == [2: 1, 3: 1, 4: 1] }
            try clock.step(.hourBehind)
            try await Task.sleep(for: .seconds(6))
            _ = FileManager.default.createFile(atPath: program.folder + "/go", contents: nil)
            for (sweeper, log) in [(first, "first.log"), (second, "second.log")] {
                #expect(try await sweeper.waitForExit(within: .seconds(30)) == 0, "\(laboratory.log(log))")
            }
            let status = try await laboratory.run("sweeper", "status", "clocks")
            #expect(status.output.contains("4 of 4 trials done"), "\(status.output)")
        }
        let once = Dictionary(uniqueKeysWithValues: (1...4).map { ($0, 1) })
        #expect(program.starts == once && program.ends == once)
    }
}
