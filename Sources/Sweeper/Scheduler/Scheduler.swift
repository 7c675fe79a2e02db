package import Experiment
import Foundation

/// Runs the stages of one sweep on this machine's slots until nothing is left to run.
///
/// All that must survive is in the tracker and on the trainers' disks: a scheduler may die at any point, and the next
/// one goes on. See ``Recovery`` for what it does about the claims it finds.
package actor Scheduler {
    let ledger: any Ledger
    let launcher: any Launcher
    let clock: any Timekeeper
    let options: SchedulerOptions
    let tell: @Sendable (SchedulerEvent) -> Void

    /// Keys of the stages that this scheduler has the claims of.
    var held: Set<String> = []
    /// Taken over and not yet taken up by a slot.
    var adopted: [Work] = []
    var lastRecovery: Date?
    /// Rises with each stage that ends: others may be ready then.
    var completions = 0
    var closedSlots = 0
    var isAway = false

    /// A claim with what is known of its trainer; nil when it is still to be started.
    struct Work {
        var claim: StageClaim
        var trainer: Recovery.Trainer?
    }

    package init(
        ledger: any Ledger, launcher: any Launcher, clock: any Timekeeper = SystemTimekeeper(),
        options: SchedulerOptions, tell: @escaping @Sendable (SchedulerEvent) -> Void
    ) {
        self.ledger = ledger
        self.launcher = launcher
        self.clock = clock
        self.options = options
        self.tell = tell
    }

    /// Returns when the sweep is over or every slot has closed; the result tells which.
    package func run() async throws -> (summary: SweepSummary, closedSlots: Int) {
        try await recover(limit: .max)
        // Adopted trainers run already, even if they are more than the slots.
        let workers = max(options.slots, adopted.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                let first = adopted.popLast()
                group.addTask { try await self.work(first: first, goesOn: worker < self.options.slots) }
            }
            try await group.waitForAll()
        }
        return (try await patiently { try await self.ledger.summary() }, closedSlots)
    }

    private func work(first: Work?, goesOn: Bool) async throws {
        var failures = 0
        var next = first
        if next == nil { next = try await nextWork() }
        while let work = next {
            switch try await perform(work) {
            case .failed(_, _, blamesNode: true): failures += 1
            case .succeeded: failures = 0
            default: break
            }
            completions += 1
            guard goesOn else { return }
            if failures >= options.failuresThatClose {
                closedSlots += 1
                return tell(.slotClosed(failures: failures))
            }
            next = try await nextWork()
        }
    }

    /// Waits for something to do; nil when the sweep is over.
    private func nextWork() async throws -> Work? {
        let request = ClaimRequest(claimant: options.me, leaseSeconds: options.lease)
        while true {
            if let work = adopted.popLast() { return work }
            if let claim = try await patiently({ try await self.ledger.claim(request) }) {
                held.insert(claim.stageKey)
                return Work(claim: claim)
            }
            let summary = try await patiently { try await self.ledger.summary() }
            tell(.counts(summary))
            if summary.isOver { return nil }
            if let lastRecovery, clock.now.timeIntervalSince(lastRecovery) >= options.heartbeat {
                try await recover(limit: 1)
            }
            try await rest()
        }
    }

    /// Sleeps for `options.idle`, or until something has ended here.
    private func rest() async throws {
        let before = completions
        var waited = 0.0
        while waited < options.idle, completions == before, adopted.isEmpty {
            try await clock.sleep(seconds: options.poll)
            waited += options.poll
        }
    }

    /// Asks again, with growing pauses, for as long as the tracker is away.
    func patiently<Answer: Sendable>(_ ask: @Sendable () async throws -> Answer) async throws -> Answer {
        var pause = 0.25
        while true {
            do {
                let answer = try await ask()
                noteBack()
                return answer
            } catch let error as LedgerError where error.kind == .away {
                noteAway(error)
                // Spread out, so that many sweepers do not come back at the same moment.
                try await clock.sleep(seconds: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, options.heartbeat)
            }
        }
    }

    func noteAway(_ error: LedgerError) {
        if !isAway { tell(.trackerAway(error.description)) }
        isAway = true
    }

    func noteBack() {
        if isAway { tell(.trackerBack) }
        isAway = false
    }
}
