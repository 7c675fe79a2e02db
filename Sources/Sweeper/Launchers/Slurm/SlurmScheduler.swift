package import Experiment
import Foundation
package import SweepScheduler

/// Runs the stages of one sweep as jobs of Slurm until nothing is left to run.
///
/// It may end at any time and be started again, here or on another machine that sees the same files: what is submitted
/// is in the tracker by name before Slurm hears of it, and by number after.
package actor SlurmScheduler {
    package struct Options: Sendable {
        package var slurm: SlurmOptions
        /// This sweeper.
        package var me: ProcessIdentity
        package var home: SagaHome
        /// Seconds, as all that follow. A claim without a living sweeper is taken over by another one after this; its
        /// jobs need none.
        package var lease = 60.0
        package var heartbeat = 20.0
        /// Between two looks at Slurm.
        package var poll = 5.0
        /// A submission of which nothing was heard and nothing is seen for so long has not reached Slurm.
        package var settling = 30.0
        package var uploadLease = 300.0
        /// What other sweeps have made stands for stages that would make the same.
        package var takesOver = true
        /// Failures after which a stage that has attempts left is submitted again.
        package var retries: @Sendable (FailureCause) -> Bool = { $0 != .settings && $0 != .cancelled }
        /// Seconds before a stage is submitted again after an attempt has failed; nil: at once.
        package var pause: @Sendable (Int, FailureCause) -> Double? = { _, _ in nil }
        /// The command line of a claim's job, with what it needs in its environment.
        package var command: @Sendable (StageClaim, _ directory: String) throws -> SlurmCommand

        package init(
            slurm: SlurmOptions, me: ProcessIdentity, home: SagaHome,
            command: @escaping @Sendable (StageClaim, _ directory: String) throws -> SlurmCommand
        ) {
            self.slurm = slurm
            self.me = me
            self.home = home
            self.command = command
        }
    }

    /// A claim that this sweeper looks after.
    struct Held {
        var claim: StageClaim
        /// Slurm is still to be told of it.
        var isToBeSubmitted: Bool
        /// When it was handed to Slurm or taken over, by this sweeper's clock.
        var since: Double
        var lastBeat: Double
        /// Looks in a row that decided nothing.
        var looks = 0
        var isStarted = false
        /// Why it runs although another sweep has made the same.
        var reason: String?
        var note: String?
        /// Why the tracker wants it ended, and whether Slurm has been told.
        var order: String?
        var isCancelled = false
    }

    let ledger: any Ledger
    let slurm: SlurmClient
    let clock: any Timekeeper
    let options: Options
    let tell: @Sendable (SchedulerEvent) -> Void
    var held: [String: Held] = [:]
    /// Jobs that may run at the same time of each array that this sweeper has submitted.
    var throttles: [String: Int] = [:]
    var sightings = LeaseSightings()
    var isSlurmAway = false
    var isTrackerAway = false
    var largestArray: Int?
    var warnings: Set<String> = []

    package init(
        ledger: any Ledger, slurm: SlurmClient, clock: any Timekeeper = SystemTimekeeper(), options: Options,
        tell: @escaping @Sendable (SchedulerEvent) -> Void
    ) {
        self.ledger = ledger
        self.slurm = slurm
        self.clock = clock
        self.options = options
        self.tell = tell
    }

    /// Returns when the sweep is over. Throws a ``SlurmError`` when Slurm refuses what is to be submitted.
    package func run() async throws -> SweepSummary {
        // A wrong partition or account is found before anything is claimed.
        try await checkSurroundings()
        while true {
            try await recover()
            try await observe()
            try await claimMore()
            try await takeOver()
            try await submit()
            try await renewLeases()
            let summary = try await patiently { try await self.ledger.summary() }
            tell(.counts(summary))
            if summary.isOver, held.isEmpty { return summary }
            try await clock.sleep(seconds: options.poll)
        }
    }

    private func checkSurroundings() async throws {
        let arguments = options.slurm.arguments(for: StageResources())
        while let error = await slurm.refusal(of: arguments) {
            guard error.kind == .away || error.kind == .full else { throw error }
            noteSlurmAway(error)
            try await clock.sleep(seconds: options.poll)
        }
    }

    /// Takes over what no living sweeper looks after.
    private func recover() async throws {
        let stages = try await patiently { try await self.ledger.stages() }
        for claim in stages.compactMap(\.claim) {
            let overdue = sightings.overdue(claim, uptime: clock.uptime, lease: options.lease)
            if held[claim.stageKey] != nil || isLookedAfter(claim, overdue: overdue) { continue }
            if claim.job == nil, claim.directory != nil {
                let text =
                    "\(claim.stage) \(claim.title) was started without Slurm by \(claim.claimant.host); 'sweeper run' "
                    + "without --launcher there goes on with it"
                if warnings.insert(claim.stageKey).inserted { tell(.warning(text)) }
                continue
            }
            do {
                let event = StageReport.Event.adopt(claimant: options.me, leaseSeconds: options.lease)
                guard let adopted = try await send(event, of: claim) else { continue }
                held[claim.stageKey] = Held(
                    claim: adopted, isToBeSubmitted: adopted.job == nil, since: clock.uptime, lastBeat: clock.uptime)
                if adopted.job != nil { tell(.adopted(adopted)) }
            } catch let error as LedgerError where error.kind == .lost {
                continue
            }
        }
    }

    private func isLookedAfter(_ claim: StageClaim, overdue: Double) -> Bool {
        if claim.claimant == options.me { return false }
        if claim.claimant.host == options.me.host { return ProcessTable.isAlive(claim.claimant) }
        return overdue < Recovery.tolerance
    }

    func renewLeases() async throws {
        for (key, item) in held where clock.uptime - item.lastBeat >= options.heartbeat {
            do {
                _ = try await send(.heartbeat(leaseSeconds: options.lease), of: item.claim)
            } catch let error as LedgerError where error.kind == .lost {
                lose(key)
            }
        }
    }

    /// Somebody else looks after it now. Its job goes on: they know its number.
    func lose(_ key: String) {
        if let item = held.removeValue(forKey: key) { tell(.lost(item.claim)) }
    }

    /// Reports, waits for the tracker where it is away, and notes what it answers. Nil: no longer claimed.
    func send(
        _ event: StageReport.Event, of claim: StageClaim, artefact: String? = nil, note: String? = nil,
        retryAfter: Double? = nil
    ) async throws -> StageClaim? {
        let answer = try await patiently {
            try await self.ledger.report(claim, event, artefact: artefact, note: note, retryAfter: retryAfter)
        }
        guard held[claim.stageKey] != nil else { return answer.claim }
        held[claim.stageKey]?.lastBeat = clock.uptime
        if let claim = answer.claim { held[claim.stageKey]?.claim = claim }
        if case .stop(let reason)? = answer.order { held[claim.stageKey]?.order = reason }
        return answer.claim
    }

    func patiently<Answer: Sendable>(_ ask: @Sendable () async throws -> Answer) async throws -> Answer {
        while true {
            do {
                let answer = try await ask()
                if isTrackerAway { tell(.trackerBack) }
                isTrackerAway = false
                return answer
            } catch let error as LedgerError where error.kind == .away {
                if !isTrackerAway { tell(.trackerAway(error.description)) }
                isTrackerAway = true
                try await clock.sleep(seconds: options.poll * Double.random(in: 0.5...1))
            }
        }
    }

    func noteSlurmAway(_ error: SlurmError) {
        if !isSlurmAway { tell(.warning("\(error.description); jobs go on, waiting for Slurm")) }
        isSlurmAway = true
    }

    func noteSlurmBack() {
        if isSlurmAway { tell(.warning("Slurm answers again")) }
        isSlurmAway = false
    }
}
