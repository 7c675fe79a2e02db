import Synchronization
import Testing

@testable import SweepScheduler

@Suite("Idle slots", .timeLimit(.minutes(1)))
struct BenchTests {
    @Test("What happens while the scout is awake is not slept through")
    func poked() async throws {
        let (bench, clock) = (Bench(), FakeClock())
        #expect(await bench.isScoutNeeded())
        bench.wakeOne()
        try await bench.sleep(1000, by: clock)
        #expect(clock.uptime == 0)
        // Once: then it sleeps.
        try await bench.sleep(1000, by: clock)
        #expect(clock.uptime == 1000)
    }

    @Test("Only one is the scout; a call wakes one of the others while it is awake, and its leaving makes room for one")
    func scout() async throws {
        let bench = Bench()
        #expect(await bench.isScoutNeeded())
        let answers = Mutex<[Bool]>([])
        let other = Task {
            let answer = await bench.isScoutNeeded()
            answers.withLock { $0.append(answer) }
        }
        // Until it sleeps, a call is kept for the scout; what is called for twice is not lost.
        while answers.withLock(\.isEmpty), !Task.isCancelled {
            bench.wakeOne()
            await Task.yield()
        }
        await other.value
        #expect(answers.withLock(\.self) == [false])
        bench.scoutLeaves()
        #expect(await bench.isScoutNeeded())
    }
}
