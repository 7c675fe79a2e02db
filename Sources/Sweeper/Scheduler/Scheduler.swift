package import Experiment

/// Runs the stages of one sweep on this machine's slots until nothing is left to run.
///
/// All that must survive is in the tracker and on the trainers' disks: a scheduler may die at any point, and the next
/// one goes on. See ``Recovery`` for what it does about the claims it finds.
///
/// Each slot is a task that waits for the end of its trainer; nothing is asked in turns for each slot. One task keeps
/// all claims alive, and of the slots that have nothing to do one asks for work while the others sleep.
package actor Scheduler {
    let ledger: any Ledger
    let launcher: any Launcher
    let clock: any Timekeeper
    let options: SchedulerOptions
    let tell: @Sendable (SchedulerEvent) -> Void

    /// What this scheduler has the claims of, by ``StageClaim/holdKey``.
    var held: [String: Held] = [:]
    /// Taken over and not yet taken up by a slot.
    var adopted: [Work] = []
    var sightings = LeaseSightings()
    var lastRecovery = 0.0
    /// Slots that have nothing to do.
    let bench = Bench()
    /// How often a stage ran out of memory while this scheduler watched.
    var isolation: [String: Int] = [:]
    var closedSlots = 0
    var isAway = false
    /// From the call on, ends of trainers mean nothing and nothing is started.
    package private(set) var isEndingTrainers = false

    /// A claim with what is known of its trainer; nil when it is still to be started.
    struct Work {
        var claim: StageClaim
        var trainer: Recovery.Trainer?
    }

    /// What is done for the sake of a claim.
    struct Held {
        var claim: StageClaim
        /// When the tracker last heard of it.
        var lastBeat: Double
        var process: ProcessIdentity?
        var directory: String?
        /// Why its trainer is being ended.
        var interruption: Ending.Interruption?
        /// The trainer has been told of the interruption.
        var isObeyed = false
        var isLost = false
        /// What its slot waits for: room, or the trainer's end.
        var cancelWait: (@Sendable () -> Void)?
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
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.keepClaims()
                return false
            }
            for worker in 0..<workers {
                let first = adopted.popLast()
                group.addTask {
                    try await self.work(first: first, goesOn: worker < self.options.slots)
                    return true
                }
            }
            var left = workers
            while left > 0, let isWorker = try await group.next() { if isWorker { left -= 1 } }
            group.cancelAll()
            // The keeper of claims ends by being cancelled.
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
        return (try await patiently { try await self.ledger.summary() }, closedSlots)
    }

    /// Ends every trainer of this scheduler, and answers how many there were when they are gone. Their claims are left
    /// as they are: whoever goes on with the sweep finds them dead and starts them again, and none loses an attempt.
    package func endTrainers() async -> Int {
        isEndingTrainers = true
        let processes = held.values.compactMap(\.process)
        for process in processes { await launcher.terminate(process) }
        for process in processes {
            while await launcher.status(of: process) == .running { try? await clock.sleep(seconds: 0.05) }
        }
        return processes.count
    }

    private func work(first: Work?, goesOn: Bool) async throws {
        var streak: [StageClaim] = []
        var next = first
        if next == nil { next = try await nextWork() }
        while let work = next {
            switch try await perform(work) {
            case .failed(_, _, _, blamesNode: true): streak.append(work.claim)
            case .succeeded: streak = []
            default: break
            }
            bench.wakeOne()
            guard goesOn else { return }
            if streak.count >= options.failuresThatClose {
                closedSlots += 1
                tell(.slotClosed(failures: streak.count))
                return try await giveBack(streak)
            }
            next = try await nextWork()
        }
    }

    /// What failed for good on a slot that closed is not held against the configurations: they are pending again.
    private func giveBack(_ streak: [StageClaim]) async throws {
        let stages = try await patiently { try await self.ledger.stages() }
        let final = Set(stages.filter { $0.state == .failed }.map(\.key))
        let trials = Set(streak.filter { final.contains($0.stageKey) }.compactMap(\.trial)).sorted()
        guard !trials.isEmpty else { return }
        try await patiently { try await self.ledger.retry(trials: trials) }
        bench.wakeOne()
    }

    /// Waits for something to do; nil when the sweep is over.
    private func nextWork() async throws -> Work? {
        let request = ClaimRequest(claimant: options.me, leaseSeconds: options.lease)
        while true {
            if let work = adopted.popLast() { return work }
            let answer = try await patiently { try await self.ledger.claim(request) }
            if let claim = answer.claims.first {
                hold(claim)
                // There may be more.
                bench.wakeOne()
                return Work(claim: claim)
            }
            if answer.state.isOver {
                bench.wakeAll()
                return nil
            }
            // One asks for all; the others sleep until it finds something, or something ends here.
            if await bench.isScoutNeeded() {
                try await scout()
                bench.scoutLeaves()
            }
            try Task.checkCancellation()
        }
    }

    /// Looks for what dead sweepers left, and sleeps until it is time to ask again.
    private func scout() async throws {
        do {
            let summary = try await patiently { try await self.ledger.summary() }
            tell(.counts(summary))
            if clock.uptime - lastRecovery >= options.heartbeat { try await recover(limit: 1) }
            if adopted.isEmpty, !summary.isOver { try await bench.sleep(options.idle, by: clock) }
        } catch {
            bench.scoutLeaves()
            throw error
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
