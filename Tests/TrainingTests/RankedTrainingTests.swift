import Experiment
import Foundation
import Tensor
import Testing
import TrackerClient

@testable import Training

/// Trainings by several processes of the real program, on the CPU.
@Suite("Trainings of several ranks")
struct RankedTrainingTests {
    /// A hundred steps with a checkpoint after every third.
    private static let changes: [String: JSONValue] = ["total_tokens": 25_600, "ema_decay": 0.9, "lr": 0.002]

    private struct Trainer {
        let process = Process()
        let errors: String

        init(_ workshop: Workshop, _ name: String, ranks: Int) throws {
            var settings = RunSettings(config: workshop.config(RankedTrainingTests.changes))
            settings.id = RunID(rawValue: name)
            settings.directory = workshop.directory(name)
            let path = "\(workshop.folder.path)/\(name).json"
            try JSONCoding.encode(settings).write(to: URL(filePath: path))
            errors = "\(workshop.folder.path)/\(name).log"
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "trainer")
            process.arguments = ["train", "--settings", path, "--tracker", "none", "--ranks", "\(ranks)"]
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["SAGA_THREADS": "2", "SAGA_SYSTEM_SECONDS": "0.02", "SAGA_HOME": workshop.folder.path]) { $1 }
            _ = FileManager.default.createFile(atPath: errors, contents: nil)
            process.standardError = FileHandle(forWritingAtPath: errors)
            try process.run()
        }

        /// Exit code, and all that it said.
        func wait() -> (code: Int32, text: String) {
            process.waitUntilExit()
            return (process.terminationStatus, (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
        }

        /// The ranks that it has started.
        var children: [pid_t] {
            let tasks = "/proc/\(process.processIdentifier)/task"
            return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).flatMap { task in
                let text = try? String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)
                return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
            }
        }
    }

    private func steps(_ workshop: Workshop, _ name: String) -> [String] {
        let folder = workshop.directory(name) + "/checkpoints"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("step-") && !$0.hasSuffix("unfinished") }.sorted()
    }

    /// Waits until there is a checkpoint that was not there before.
    private func waitForCheckpoint(_ workshop: Workshop, _ name: String, after old: [String], _ trainer: Trainer) throws
    {
        for _ in 0..<30_000 where trainer.process.isRunning {
            if let newest = steps(workshop, name).last, newest > (old.last ?? "") { return }
            usleep(1000)
        }
        Issue.record("no new checkpoint: \(trainer.wait().text)")
    }

    @Test(
        "Two ranks compute what one does with accumulation; one that dies or stops ends both, and they go on bit by bit"
    )
    func life() throws {
        let workshop = try Workshop()
        let alone = workshop.config(RankedTrainingTests.changes.merging(["grad_accum": 2]) { $1 })
        #expect(try workshop.run("alone", config: alone) == 0)
        let whole = try Trainer(workshop, "whole", ranks: 2).wait()
        #expect(whole.code == 0, "\(whole.text)")
        #expect(whole.text.contains("on 2 ranks, each cpu: 1 threads"), "\(whole.text)")

        let (expected, actual) = (try workshop.rows("alone"), try workshop.rows("whole"))
        #expect(expected.map(\.step) == actual.map(\.step), "only one rank logs, and all of it")
        // Later on, what rounding began has grown.
        for (one, two) in zip(expected, actual) where one.step <= 30 {
            #expect(one.values.keys.sorted() == two.values.keys.sorted())
            for (name, value) in one.values {
                let other = two.values[name] ?? .nan
                #expect(
                    abs(value - other) <= 2e-3 * max(abs(value), 1e-2), "step \(one.step), \(name): \(value) \(other)")
            }
        }
        let (w1, w2) = (try floats(workshop, "alone"), try floats(workshop, "whole"))
        let difference = zip(w1, w2).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        #expect(w1.count == w2.count && difference < 2e-2 && difference > 0, "\(difference)")
        let system = try workshop.records("whole").compactMap { record -> [String: Double]? in
            if case .system(let row) = record { row.values } else { nil }
        }
        #expect(system.contains { ($0["system.proc.memory.rssMB"] ?? 0) > 1 && ($0["system.cpu"] ?? -1) >= 0 })

        let first = try Trainer(workshop, "broken", ranks: 2)
        try waitForCheckpoint(workshop, "broken", after: [], first)
        let child = try #require(first.children.first)
        kill(child, SIGKILL)
        let killed = first.wait()
        let fate = "was killed by signal 9; start the run again to go on from its newest checkpoint"
        #expect(killed.code == 1 && killed.text.contains("trainer: rank 1 (process \(child) on "), "\(killed.text)")
        #expect(killed.text.contains(fate), "\(killed.text)")
        #expect(try workshop.result("broken").message?.hasSuffix(fate) == true)

        let second = try Trainer(workshop, "broken", ranks: 2)
        try waitForCheckpoint(workshop, "broken", after: steps(workshop, "broken"), second)
        kill(second.process.processIdentifier, SIGTERM)
        let stopped = second.wait()
        #expect(stopped.code == 143 && stopped.text.contains("resuming from step"), "\(stopped.text)")
        #expect(try workshop.result("broken").state == .killed)

        let third = try Trainer(workshop, "broken", ranks: 2).wait()
        #expect(third.code == 0 && third.text.contains("resuming from step"), "\(third.text)")
        #expect(try workshop.weights("broken") == workshop.weights("whole"), "it goes on as if nothing had happened")
    }

    @Test("More ranks than samples are refused before one is started")
    func tooMany() throws {
        let workshop = try Workshop()
        let outcome = try Trainer(workshop, "many", ranks: 9).wait()
        #expect(outcome.code == 2)
        #expect(
            outcome.text == "trainer: batch_size 8 is too small for 9 ranks; raise it, or use fewer ranks\n",
            "\(outcome.text)")
    }

    private func floats(_ workshop: Workshop, _ name: String) throws -> [Float] {
        let newest = try #require(CheckpointStore(runDirectory: workshop.directory(name)).whole().first)
        let file = try SafeTensors(contentsOf: newest.model)
        return try file.entries.keys.sorted().flatMap { try file.floats($0) }
    }

    @Test(
        "Ranks that do not belong together are told what is different",
        arguments: [
            (
                RankFacts(host: "b", kind: "A100", card: "1", settings: "s", step: 4),
                "computes on H100 and rank 1 (on b) on A100"
            ),
            (RankFacts(host: "b", kind: "H100", card: "1", settings: "t", step: 4), "have different configs"),
            (
                RankFacts(host: "b", kind: "H100", card: "1", settings: "s", step: 0),
                "from step 4 and rank 1 (on b) from step 0"
            ),
            (
                RankFacts(host: "a", kind: "H100", card: "0", settings: "s", step: 4),
                "ranks 0 and 1 (on a) share one GPU"
            ),
        ])
    func unequal(other: RankFacts, words: String) throws {
        let first = RankFacts(host: "a", kind: "H100", card: "0", settings: "s", step: 4)
        let error = #expect(throws: RankError.self) { try RankFacts.check([first, other]) }
        #expect(
            error?.description.contains(words) == true && error?.isWorthRetrying == false, "\(error?.description ?? "")"
        )
        var good = other
        (good.host, good.kind, good.settings, good.step) = ("b", "H100", "s", 4)
        try RankFacts.check([first, good])
    }
}
