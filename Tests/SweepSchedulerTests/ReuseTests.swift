import Experiment
import SweepScheduler
import Testing

@Suite("What another sweep has made")
struct ReuseTests {
    @Test("It stands for a stage when it is whole, and nothing is started; else the stage runs and the record says why")
    func takenOver() async throws {
        let sweepers = Sweepers(chains: 2)
        await sweepers.ledger.offer("train0")
        await sweepers.ledger.offer("train1", digest: "another")
        try await sweepers.run(Sweepers.identity(1))
        await sweepers.expectComplete()
        #expect(Set(await sweepers.launcher.starts.compactMap(\.id?.rawValue)) == ["train1", "generate0", "generate1"])
        let (whole, damaged) = (await sweepers.ledger.record("train0"), await sweepers.ledger.record("train1"))
        #expect(whole?.isReused == true && whole?.message == nil)
        #expect(damaged?.isReused == false)
        #expect(damaged?.message == "the result of run old-train1 of sweep 'earlier' is damaged")
        // What was made is told, so that the next sweep can take it over.
        #expect(damaged?.artefact == "digest of train1")
    }

    @Test("--no-reuse runs what could be taken over")
    func refused() async throws {
        var sweepers = Sweepers(chains: 1)
        sweepers.takesOver = false
        await sweepers.ledger.offer("train0")
        try await sweepers.run(Sweepers.identity(1))
        await sweepers.expectComplete()
        #expect(await sweepers.launcher.starts.count == 2)
    }

    @Test(
        "F2, the sweeper dies as it takes a result over: the next one takes it over, and nothing is started for it",
        arguments: ["claim", "before reused", "reused"], [1, 2])
    func death(point: String, occurrence: Int) async throws {
        let sweepers = Sweepers(chains: 2)
        await sweepers.ledger.offer("train0")
        await sweepers.ledger.offer("train1")
        await sweepers.runUntilDeath(Sweepers.identity(1), at: [point], occurrence: occurrence)
        try await sweepers.run(Sweepers.identity(2))
        await sweepers.expectComplete()
        #expect(Set(await sweepers.launcher.starts.compactMap(\.id?.rawValue)) == ["generate0", "generate1"])
    }

    @Test("A sweep that was cancelled meanwhile is not done for all that")
    func cancelled() async throws {
        let sweepers = Sweepers(chains: 1)
        await sweepers.ledger.offer("train0")
        await sweepers.launcher.whenVerifying { await sweepers.ledger.stop("train0", reason: "the sweep was canceled") }
        try await sweepers.run(Sweepers.identity(1))
        #expect(await sweepers.ledger.record("train0")?.state == .stopped)
        #expect(await sweepers.launcher.starts.isEmpty)
    }
}
