import Experiment
import Foundation
import Testing
import TrackerClient
import TrackerStore

@Suite("Deaths in the middle of a sweep")
struct CrashTests {
    @Test("A trainer and then the sweeper are killed: the next sweeper completes the set, nothing lost or doubled")
    func killed() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        let file = try laboratory.write(SmallSweep.definition(totalTokens: 150_000), to: "small.yaml")

        try await laboratory.withTracker { laboratory in
            let first = try laboratory.start("sweeper", "run", file, "--slots", "2", log: "sweeper-1.log")
            let victim = try await trainerWithCheckpoint(in: laboratory)
            kill(victim.pid, SIGKILL)
            // Later another trainer is at work, perhaps the same run's next attempt: now the sweeper dies.
            _ = try await trainerWithCheckpoint(in: laboratory, otherThan: victim.pid)
            first.kill()

            let second = try await laboratory.run("sweeper", "run", file, "--slots", "2")
            #expect(second.code == 0, "\(second.errors)\(laboratory.log("sweeper-1.log"))")
            try await expectCompleteRecord(in: laboratory, killedRun: victim.run)
        }
    }

    @Test("A sweep goes on while the tracker is away, and nothing is lost")
    func trackerRestarted() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        let file = try laboratory.write(SmallSweep.definition(totalTokens: 60_000), to: "small.yaml")

        let tracker = try laboratory.start("tracker", "serve", "--port", "0", log: "tracker-1.log")
        let line = try await tracker.firstLine(within: .seconds(30))
        let port = try #require(line.split(separator: ":").last.map(String.init))
        let there = laboratory.setting("SAGA_URL", to: "http://127.0.0.1:\(port)")
        let sweeper = try there.start("sweeper", "run", file, "--slots", "2", log: "sweeper.log")
        _ = try await trainerWithCheckpoint(in: there)
        tracker.kill()
        try await Task.sleep(for: .seconds(2))
        let next = try laboratory.start("tracker", "serve", "--port", port, log: "tracker-2.log")
        defer { next.stop() }
        let code = try await sweeper.waitForExit(within: .seconds(120))
        #expect(code == 0, "\(laboratory.log("sweeper.log"))\(laboratory.log("tracker-2.log"))")
        try await expectCompleteRecord(in: laboratory, killedRun: nil)
    }

    /// A living trainer that trains and has at least one checkpoint to go on from.
    private func trainerWithCheckpoint(
        in laboratory: Laboratory, otherThan pid: pid_t = 0
    ) async throws -> (pid: pid_t, run: RunID) {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
                guard let candidate = pid_t(entry), candidate != pid,
                    let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(entry)/cmdline"))
                else { continue }
                let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                guard words.count >= 4, words[1] == "train", let settings = words.last,
                    settings.hasPrefix(laboratory.home)
                else { continue }
                let directory = URL(fileURLWithPath: settings).deletingLastPathComponent()
                let checkpoints = try? FileManager.default.contentsOfDirectory(
                    atPath: directory.path + "/checkpoints")
                guard checkpoints?.contains(where: { $0.hasPrefix("step-") }) == true,
                    let run = RunID(rawValue: directory.lastPathComponent)
                else { continue }
                return (candidate, run)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Laboratory.Failure("no trainer with a checkpoint was seen within a minute")
    }

    /// The oracle: every stage done once, every record of every run log in the database exactly once, and no step of
    /// a metric missing.
    private func expectCompleteRecord(in laboratory: Laboratory, killedRun: RunID?) async throws {
        let database = try await Database.open(environment: [:], home: SagaHome(path: laboratory.home))
        do {
            let sweep = try await database.store.sweep(idOrName: "small")
            #expect(sweep.state == .finished)
            #expect(sweep.stages.done == SmallSweep.trainings + SmallSweep.generations)
            #expect(sweep.trialsDone == SmallSweep.generations)
            let stages = try await database.store.stages(sweep: sweep.id)
            for stage in stages {
                let history = try await database.store.history(run: stage.run)
                let logged = try points(loggedIn: SagaHome(path: laboratory.home).runDirectory(stage.run))
                #expect(history.map(Point.init).sorted() == logged.sorted(), "points of \(stage.title)")

                // Attempts of a run that was not hurt: one. Of the killed one: two.
                #expect(stage.run == killedRun ? stage.attempts >= 2 : stage.attempts <= 2)
                guard stage.name == "train" else { continue }
                let losses = try await database.store.distinctHistory(run: stage.run, metrics: ["loss"])
                let first = try #require(losses.first?.step)
                #expect(losses.map(\.step) == Array(first..<first + Int64(losses.count)), "steps of \(stage.title)")
            }
            let untouched = stages.filter { $0.attempts == 1 }
            #expect(untouched.count >= stages.count - (killedRun == nil ? 0 : 1))
        } catch {
            try? await database.close()
            throw error
        }
        try await database.close()
    }

    private func points(loggedIn directory: String) throws -> [Point] {
        try RunLog.attempts(directory: directory).flatMap { attempt in
            let reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: attempt))
            var points: [Point] = []
            while let record = try reader.next() {
                guard case .metrics(let row) = record.record else { continue }
                points += row.values.map {
                    Point(
                        metric: $0.key, attempt: attempt, sequence: record.sequence, step: row.step,
                        bits: $0.value.bitPattern)
                }
            }
            return points
        }
    }
}

/// What must agree, to the last bit, between a run log and the database.
private struct Point: Hashable, Comparable {
    var metric: String
    var attempt: Int
    var sequence: Int64
    var step: Int64
    var bits: UInt64

    init(metric: String, attempt: Int, sequence: Int64, step: Int64, bits: UInt64) {
        (self.metric, self.attempt, self.sequence, self.step, self.bits) = (metric, attempt, sequence, step, bits)
    }

    init(_ point: MetricPoint) {
        self.init(
            metric: point.metric, attempt: point.attempt, sequence: point.sequence, step: point.step,
            bits: point.value.bitPattern)
    }

    static func < (left: Point, right: Point) -> Bool {
        (left.metric, left.attempt, left.sequence, left.step, left.bits)
            < (right.metric, right.attempt, right.sequence, right.step, right.bits)
    }
}
