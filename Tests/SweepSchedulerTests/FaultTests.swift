import Experiment
import SweepScheduler
import Synchronization
import Testing

@Suite("Faults on the scheduler's side")
struct FaultTests {
    @Test("F7: a sweeper that is stopped for minutes and comes back is fenced, and ends its own trainer")
    func stoppedSweeper() async throws {
        let sweepers = Sweepers(chains: 1, duration: 10_000_000)
        let countdown = Countdown(1)
        let other = Sweepers.identity(2, host: "elsewhere")
        try await sweepers.run(Sweepers.identity(1), slots: 1) { name in
            guard name == "before heartbeat", countdown.isDue() else { return }
            // It stands still here. A sweeper of another host sees the lease unchanged, takes the stage over and, as it
            // cannot see our processes, starts the next attempt, which ends long before ours.
            await sweepers.launcher.setDuration(50)
            try await sweepers.run(other, slots: 1)
        }
        await sweepers.expectComplete()
        let starts = await sweepers.launcher.starts.filter { $0.id?.rawValue == "train0" }
        #expect(starts.compactMap(\.attempt) == [1, 2])
        #expect(await sweepers.launcher.terminated.count == 1)
    }

    @Test("F10: out of memory is tried again with fewer neighbours, alone at last, and then no more")
    func outOfMemory() async throws {
        let sweepers = Sweepers(chains: 1, maximumAttempts: 9) { _ in .runsOutOfMemory }
        let result = try await sweepers.run(Sweepers.identity(1))
        #expect(result.summary.stages == StageCounts(failed: 1, blocked: 1))
        #expect(await sweepers.launcher.placements.map(\.neighbours) == [nil, 1, 0])
        let record = await sweepers.ledger.record("train0")
        #expect(record?.causes == [.outOfMemory, .outOfMemory, .outOfMemory])
        #expect(record?.message?.contains("it had no neighbours") == true)
        // Memory is no reason to close a slot.
        #expect(result.closedSlots == 0)
    }

    @Test("F10: what fails for another reason is not tried for ever, nor what the definition's 'retry' leaves out")
    func policy() async throws {
        var sweepers = Sweepers(chains: 1) { _ in .isKilled }
        try await sweepers.run(Sweepers.identity(1))
        #expect(await sweepers.launcher.starts.count == 3)
        sweepers = Sweepers(chains: 1) { _ in .isKilled }
        sweepers.retries = { $0 == .outOfMemory }
        let result = try await sweepers.run(Sweepers.identity(1))
        #expect(await sweepers.launcher.starts.count == 1)
        #expect(result.summary.stages == StageCounts(failed: 1, blocked: 1))
    }

    @Test(
        "F17: clocks are stepped by an hour: a claim that another machine renews is not taken over",
        arguments: [-3600.0, 3600])
    func steppedClock(seconds: Double) async throws {
        let sweepers = Sweepers(chains: 1)
        let ledger = sweepers.ledger
        let other = Sweepers.identity(2, host: "elsewhere")
        let claim = try #require(await ledger.claim(ClaimRequest(claimant: other, leaseSeconds: 15)).claims.first)
        let looks = Counter()
        try await sweepers.run(Sweepers.identity(1)) { name in
            guard name == "before stages", looks.value <= 40 else { return }
            looks.add()
            if looks.value % 10 == 5 { ledger.wall.step(looks.value % 20 == 5 ? seconds : -seconds) }
            // The other renews its lease between any two looks, until it is done.
            let event: StageReport.Event = looks.value == 40 ? .succeeded : .heartbeat(leaseSeconds: 15)
            _ = try await ledger.report(claim, event)
        }
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.starts.compactMap(\.id?.rawValue) == ["generate0"])
        #expect(await ledger.record("train0")?.fence == 1)
    }

    @Test("A stage that runs longer than its time limit is ended; the limit holds for an adopted trainer too")
    func timeLimit() async throws {
        let sweepers = Sweepers(chains: 1, maximumAttempts: 1, duration: 1000, resources: StageResources(time: 100))
        await sweepers.runUntilDeath(Sweepers.identity(1), at: ["heartbeat"], occurrence: 3)
        let result = try await sweepers.run(Sweepers.identity(2))
        #expect(result.summary.stages == StageCounts(failed: 1, blocked: 1))
        #expect(await sweepers.launcher.starts.count == 1)
        #expect(await sweepers.launcher.terminated.count == 1)
        #expect(await sweepers.ledger.record("train0")?.causes == [.timeLimit])
    }

    @Test("The tracker's order ends a trainer: its stage is stopped and not tried again")
    func order() async throws {
        let sweepers = Sweepers(chains: 2, duration: 1000)
        await sweepers.ledger.stop("train0", reason: "worse than most")
        await sweepers.ledger.stop("train1", reason: "worse than most")
        let scheduler = try await sweepers.run(Sweepers.identity(1))
        #expect(scheduler.summary.stages == StageCounts(stopped: 4))
        #expect(await sweepers.ledger.record("train0")?.message == "worse than most")
        #expect(await sweepers.launcher.starts.count <= 2)
    }

    @Test("A trainer that takes its time to end is told once, however often the tracker says so")
    func slowEnd() async throws {
        let sweepers = Sweepers(chains: 1, duration: 1000)
        await sweepers.launcher.setGrace(40)
        let result = try await sweepers.run(Sweepers.identity(1)) { name in
            if name == "before heartbeat" { await sweepers.ledger.stop("train0", reason: "worse than most") }
        }
        #expect(result.summary.stages == StageCounts(stopped: 2))
        #expect(await sweepers.launcher.terminated.count == 1)
    }

    @Test("A claim is renewed every heartbeat, three times within its lease")
    func heartbeats() async throws {
        let sweepers = Sweepers(chains: 1, duration: 100)
        let times = Mutex<[Double]>([])
        try await sweepers.run(Sweepers.identity(1), slots: 1) { name in
            if name == "heartbeat" { times.withLock { $0.append(sweepers.clock.uptime) } }
        }
        let beats = times.withLock(\.self).filter { $0 < 100 }
        #expect(beats.count >= 15, "\(beats)")
        #expect(zip(beats, beats.dropFirst()).allSatisfy { $1 - $0 <= 6.5 }, "\(beats)")
    }

    @Test("A success between failures keeps a slot open")
    func streak() async throws {
        let sweepers = Sweepers(chains: 12, maximumAttempts: 1) { settings in
            ["train4", "train9"].contains(settings.id?.rawValue ?? "") || settings.id?.rawValue.hasPrefix("gen") == true
                ? .finishes : .isKilled
        }
        let result = try await sweepers.run(Sweepers.identity(1), slots: 1)
        #expect(result.closedSlots == 0)
        #expect(result.summary.stages == StageCounts(done: 4, failed: 10, blocked: 10))
    }

    @Test("A stage that failed is tried again after the pause, which holds up no slot")
    func pause() async throws {
        var sweepers = Sweepers(chains: 2) { settings in
            settings.id?.rawValue == "train0" && settings.attempt ?? 0 < 3 ? .exits(1) : .finishes
        }
        sweepers.pause = { attempt, _ in 100 * Double(attempt) }
        try await sweepers.run(Sweepers.identity(1), slots: 1)
        await sweepers.expectComplete()
        let starts = await sweepers.launcher.startTimes("train0")
        #expect(starts.count == 3 && starts[1] - starts[0] >= 100 && starts[2] - starts[1] >= 200)
        let other = try #require(await sweepers.launcher.startTimes("generate1").first)
        #expect(other < starts[1])
    }

    @Test("What can never fit fails at once, with the launcher's sentence")
    func noRoom() async throws {
        let sweepers = Sweepers(chains: 1)
        await sweepers.launcher.refuse(Refusal(description: "a trainer asks for 9 GPUs, and there are 2 here"))
        let result = try await sweepers.run(Sweepers.identity(1))
        #expect(result.summary.stages == StageCounts(failed: 1, blocked: 1))
        #expect(await sweepers.ledger.record("train0")?.message == "a trainer asks for 9 GPUs, and there are 2 here")
        #expect(await sweepers.launcher.starts.isEmpty)
    }

    @Test("Slots with nothing to do ask as one: 64 of them cost no more questions than two")
    func idleSlots() async throws {
        func questions(slots: Int) async throws -> Int {
            let sweepers = Sweepers(chains: 1, duration: 100)
            let count = Counter()
            try await sweepers.run(Sweepers.identity(1), slots: slots) { name in
                if name == "before claim" { count.add() }
            }
            await sweepers.expectComplete()
            return count.value
        }
        // Each slot asks once at the start, and once when it is over; what is between is the scout's.
        let (few, many) = (try await questions(slots: 2), try await questions(slots: 64))
        #expect(many <= few + 4 * 64, "\(few) questions of 2 slots, \(many) of 64")
    }
}
