import Experiment
import Foundation
import SweepScheduler
import Synchronization
import Testing

@Suite("Scheduler")
struct SchedulerTests {
    @Test("Every stage runs once, in the order of its inputs, never more than the slots at a time")
    func allStages() async throws {
        let sweepers = Sweepers(chains: 5)
        let result = try await sweepers.run(Sweepers.identity(1), slots: 3)
        #expect(result.summary.stages.done == 10 && result.closedSlots == 0)
        await sweepers.expectComplete()
        let starts = await sweepers.launcher.starts
        #expect(starts.count == 10)
        for index in 0..<5 {
            let train = try #require(starts.firstIndex { $0.id?.rawValue == "train\(index)" })
            let generate = try #require(starts.firstIndex { $0.id?.rawValue == "generate\(index)" })
            #expect(train < generate)
        }
        let first = try #require(starts.first { $0.id?.rawValue == "train0" })
        #expect(first.directory == "/home/runs/train0" && first.attempt == 1 && first.stage == "train")
    }

    @Test("A killed trainer is started again with the next attempt, and given up after the last")
    func retries() async throws {
        let sweepers = Sweepers(chains: 2) { settings in
            switch settings.id?.rawValue {
            case "train0": settings.attempt == 1 ? .isKilled : .finishes
            case "train1": .exits(1)
            default: .finishes
            }
        }
        let result = try await sweepers.run(Sweepers.identity(1))
        #expect(result.summary.stages == StageCounts(done: 2, failed: 1, blocked: 1))
        #expect(await sweepers.ledger.record("train0")?.attempts == 2)
        #expect(await sweepers.ledger.record("train1")?.attempts == 3)
        #expect(
            await sweepers.ledger.record("train1")?.message
                == "the trainer ended with exit code 1 and left no result; see /home/runs/train1/output.log")
    }

    @Test("Wrong settings are not tried again", arguments: [2, 64] as [Int32])
    func settings(code: Int32) async throws {
        let sweepers = Sweepers(chains: 1) { _ in .exits(code) }
        let result = try await sweepers.run(Sweepers.identity(1))
        #expect(result.summary.stages == StageCounts(failed: 1, blocked: 1))
        #expect(await sweepers.launcher.starts.count == 1)
    }

    @Test("F8: a slot on which everything dies closes, and the sweep keeps every configuration")
    func badNode() async throws {
        let sweepers = Sweepers(chains: 20) { _ in .isKilled }
        let result = try await sweepers.run(Sweepers.identity(1), slots: 1)
        #expect(result.closedSlots == 1)
        #expect(await sweepers.launcher.starts.count == 5)
        // What failed for good there is not held against it.
        #expect(result.summary.stages == StageCounts(pending: 40))
    }

    @Test("F9: two sweepers at once do each stage once")
    func twoSweepers() async throws {
        let sweepers = Sweepers(chains: 8)
        async let one = sweepers.run(Sweepers.identity(1))
        async let two = sweepers.run(Sweepers.identity(2))
        _ = try await (one, two)
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.starts.count == 16)
    }

    @Test("The tracker goes away for a while: trainers go on, and no stage is lost or done twice")
    func trackerAway() async throws {
        let sweepers = Sweepers(chains: 3, duration: 8)
        let clock = sweepers.clock
        try await sweepers.run(Sweepers.identity(1)) { name in
            if name.hasPrefix("before"), (10..<70).contains(clock.uptime) {
                throw LedgerError(.away, code: "unreachable", "no tracker answers")
            }
        }
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.terminated.isEmpty)
    }

    @Test("A claim that somebody else took over is let go; a trainer that they do not have is ended")
    func lostClaim() async throws {
        let sweepers = Sweepers(chains: 1, duration: 30)
        let countdown = Countdown(1)
        let ledger = sweepers.ledger
        try await sweepers.run(Sweepers.identity(1)) { name in
            guard name == "before heartbeat", countdown.isDue(), let claim = await ledger.record("train0")?.claim else {
                return
            }
            // Another host thinks us dead, adopts the stage and gives it back.
            let other = Sweepers.identity(5, host: "elsewhere")
            if let adopted = try await ledger.report(claim, .adopt(claimant: other, leaseSeconds: 15)).claim {
                _ = try await ledger.report(adopted, .failed(message: "lost", retry: true))
            }
        }
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.terminated.count == 1)
        #expect(await sweepers.launcher.starts.count == 3)
    }

    @Test("F7: a sweeper that stands still between a trainer's start and saying so leaves it to who adopted it")
    func standsStillBeforeStarted() async throws {
        let sweepers = Sweepers(chains: 1, duration: 100)
        let clock = sweepers.clock
        let goesOn = Mutex<Double?>(nil)
        async let still = sweepers.run(Sweepers.identity(1), slots: 1) { name in
            guard name.hasPrefix("before") else { return }
            let end = goesOn.withLock { end in
                if name == "before started", end == nil { end = clock.uptime + 80 }
                return end ?? 0
            }
            if end > clock.uptime { try await clock.sleep(seconds: end - clock.uptime) }
        }
        async let other = sweepers.run(Sweepers.identity(2), slots: 1)
        _ = try await (still, other)
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.terminated.isEmpty)
        #expect(await sweepers.launcher.starts.count == 2)
    }

    @Test("A tracker that refuses ends the sweeper with the tracker's sentence")
    func refused() async throws {
        let sweepers = Sweepers(chains: 1)
        let refusal = LedgerError(.refused, code: "unauthorized", "the token is not valid")
        await #expect(throws: refusal) {
            try await sweepers.run(Sweepers.identity(1)) { name in if name == "before claim" { throw refusal } }
        }
    }
}
