import Experiment
import SweepScheduler
import Synchronization
import Testing

/// Runs sweepers one after the other against the same ledger and machine.
struct Sweepers {
    let clock = FakeClock()
    let ledger: FakeLedger
    let launcher: FakeLauncher
    var takesOver = true
    var pause: @Sendable (Int, FailureCause) -> Double? = { _, _ in nil }
    var retries: @Sendable (FailureCause) -> Bool = { $0 != .settings && $0 != .cancelled }

    init(
        chains: Int, maximumAttempts: Int = 3, duration: Double = 3, resources: StageResources = StageResources(),
        ending: @escaping @Sendable (RunSettings) -> FakeLauncher.Ending = { _ in .finishes }
    ) {
        ledger = FakeLedger(chains: chains, clock: clock, maximumAttempts: maximumAttempts, resources: resources)
        launcher = FakeLauncher(clock: clock, duration: duration, ending: ending)
    }

    static func identity(_ pid: Int32, host: String = "here") -> ProcessIdentity {
        ProcessIdentity(host: host, pid: pid, startTicks: 7)
    }

    /// A sweeper that lives as long as the call.
    @discardableResult
    func run(
        _ me: ProcessIdentity, slots: Int = 2, via connection: Connection? = nil, disturb: Connection.Disturbance? = nil
    ) async throws -> (summary: SweepSummary, closedSlots: Int) {
        await launcher.sweeper(me, lives: true)
        var options = SchedulerOptions(slots: slots, me: me, home: SagaHome(path: "/home"))
        options.retries = retries
        options.takesOver = takesOver
        options.pause = pause
        let scheduler = Scheduler(
            ledger: connection ?? Connection(ledger, disturb: disturb), launcher: launcher, clock: clock,
            options: options, tell: { _ in })
        do {
            let result = try await scheduler.run()
            await launcher.sweeper(me, lives: false)
            return result
        } catch {
            await launcher.sweeper(me, lives: false)
            throw error
        }
    }

    /// A sweeper that dies at the `occurrence`-th request `point`.
    func runUntilDeath(_ me: ProcessIdentity, at points: Set<String>, occurrence: Int = 1) async {
        let countdown = Countdown(occurrence)
        await #expect(throws: Connection.SweeperDied.self) {
            try await run(me) { name in
                if points.contains(name), countdown.isDue() { throw Connection.SweeperDied() }
            }
        }
    }

    /// The oracle: every stage was reported done once.
    func expectComplete(sourceLocation: SourceLocation = #_sourceLocation) async {
        for record in await ledger.records {
            #expect(record.state == .done && record.completions == 1, "\(record)", sourceLocation: sourceLocation)
        }
    }
}

/// Lets the body run at the `count`-th call only.
final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    func isDue() -> Bool {
        left.withLock { left in
            left -= 1
            return left == 0
        }
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
