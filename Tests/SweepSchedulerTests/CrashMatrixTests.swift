import Experiment
import SweepScheduler
import Testing

@Suite("A sweeper dies")
struct CrashMatrixTests {
    /// Requests at which it may die: before the tracker has heard it, or before the sweeper has heard the answer.
    private static let points = [
        "before claim", "claim", "before launching", "launching", "before started", "started", "before heartbeat",
        "heartbeat", "before upload", "before succeeded", "succeeded",
    ]

    @Test("F2, at any point: the next sweeper does each stage exactly once", arguments: points, [1, 2, 3])
    func anyPoint(point: String, occurrence: Int) async throws {
        let sweepers = Sweepers(chains: 3, duration: 30)
        await sweepers.runUntilDeath(Sweepers.identity(1), at: [point], occurrence: occurrence)
        let result = try await sweepers.run(Sweepers.identity(2))
        #expect(result.summary.stages.done == 6)
        await sweepers.expectComplete()
        // Living trainers were adopted and finished ones believed: nothing was started twice.
        #expect(await sweepers.launcher.starts.count == 6)
    }

    @Test("F2, after it has started a trainer and before anybody knows: the trainer is found by its command line")
    func startedUnrecorded() async throws {
        let sweepers = Sweepers(chains: 2, duration: 30)
        let connection = Connection(sweepers.ledger)
        await sweepers.launcher.disturbStart {
            await connection.die()
            throw Connection.SweeperDied()
        }
        await #expect(throws: Connection.SweeperDied.self) {
            try await sweepers.run(Sweepers.identity(1), via: connection)
        }
        await sweepers.launcher.disturbStart(nil)
        #expect(await sweepers.launcher.starts.count >= 1)
        try await sweepers.run(Sweepers.identity(2))
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.starts.count == 4)
    }

    @Test("F2, its trainers end before the next sweeper comes: results are believed, deaths are tried again")
    func trainersEndMeanwhile() async throws {
        let sweepers = Sweepers(chains: 2) { $0.id?.rawValue == "train0" && $0.attempt == 1 ? .isKilled : .finishes }
        await sweepers.runUntilDeath(Sweepers.identity(1), at: ["started"], occurrence: 2)
        sweepers.clock.advance(100)
        try await sweepers.run(Sweepers.identity(2))
        await sweepers.expectComplete()
        #expect(await sweepers.ledger.record("train0")?.attempts == 2)
        #expect(await sweepers.ledger.record("train1")?.attempts == 1)
        // What the dead trainer's log still held was sent before its stage was given back.
        #expect(await sweepers.ledger.uploads.contains("/home/runs/train1"))
    }

    @Test("F2, its own death, many times, costs no stage its attempts")
    func manyDeaths() async throws {
        let sweepers = Sweepers(chains: 1, maximumAttempts: 1)
        for death in 1...4 {
            await sweepers.runUntilDeath(Sweepers.identity(Int32(death)), at: ["claim", "adopt"])
        }
        try await sweepers.run(Sweepers.identity(9))
        await sweepers.expectComplete()
    }

    @Test("Another sweeper that runs already takes over what the dead one left")
    func otherSweeper() async throws {
        let sweepers = Sweepers(chains: 3, duration: 20)
        async let dead: Void = sweepers.runUntilDeath(Sweepers.identity(1), at: ["heartbeat"], occurrence: 2)
        async let other = sweepers.run(Sweepers.identity(2), slots: 1)
        await dead
        _ = try await other
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.starts.count == 6)
    }

    @Test(
        "F2, when a retry has been decided: each configuration is started as often as the policy says",
        arguments: ["before failed", "failed"], [1, 2])
    func retryDecided(point: String, occurrence: Int) async throws {
        // The first training is killed twice and the second once: three starts and two.
        let sweepers = Sweepers(chains: 3, duration: 30) { settings in
            switch (settings.id?.rawValue, settings.attempt ?? 0) {
            case ("train0", ...2), ("train1", 1): .isKilled
            default: .finishes
            }
        }
        await sweepers.runUntilDeath(Sweepers.identity(1), at: [point], occurrence: occurrence)
        try await sweepers.run(Sweepers.identity(2))
        await sweepers.expectComplete()
        let starts = await sweepers.launcher.starts
        let counts = Dictionary(grouping: starts) { $0.id?.rawValue ?? "" }.mapValues(\.count)
        // Attempts are started by their numbers, each once.
        for (run, attempts) in Dictionary(grouping: starts, by: { $0.id?.rawValue ?? "" }) {
            #expect(attempts.compactMap(\.attempt) == Array(1...attempts.count), "attempts of \(run)")
        }
        #expect(counts == ["train0": 3, "train1": 2, "train2": 1, "generate0": 1, "generate1": 1, "generate2": 1])
    }
}
