import Experiment
import SweepScheduler

/// A machine's processes, which live on when their sweeper dies. Each trainer works for a set time.
actor FakeLauncher: Launcher {
    enum Ending: Sendable {
        case finishes
        case exits(Int32)
        case isKilled
        case runsOutOfMemory
    }

    private struct Trainer {
        var identity: ProcessIdentity
        var began: Double
        var ends: Double
        var placement: Placement
        var settings: RunSettings
        var ending: Ending
    }

    private let clock: FakeClock
    private var duration: Double
    private var grace = 0.0
    private let ending: @Sendable (RunSettings) -> Ending
    private var trainers: [Trainer] = []
    private var sweepers: Set<ProcessIdentity> = []
    private(set) var terminated: [ProcessIdentity] = []
    private var refusal: Refusal?
    private var disturb: (@Sendable () async throws -> Void)?
    private var whenVerifying: (@Sendable () async -> Void)?

    init(
        clock: FakeClock, duration: Double = 3, ending: @escaping @Sendable (RunSettings) -> Ending = { _ in .finishes }
    ) {
        self.clock = clock
        self.duration = duration
        self.ending = ending
    }

    /// Of trainers that are started from now on.
    func setDuration(_ seconds: Double) { duration = seconds }

    /// How long trainers go on after they were told to end.
    func setGrace(_ seconds: Double) { grace = seconds }

    /// Called when a process has been started and nobody has heard of it yet.
    func disturbStart(_ body: (@Sendable () async throws -> Void)?) { disturb = body }

    func sweeper(_ identity: ProcessIdentity, lives: Bool) {
        if lives { sweepers.insert(identity) } else { sweepers.remove(identity) }
    }

    /// Settings of every start, in order.
    var starts: [RunSettings] { trainers.map(\.settings) }

    /// When the run was started, each time.
    func startTimes(_ run: String) -> [Double] {
        trainers.filter { $0.settings.id?.rawValue == run }.map(\.began)
    }

    /// What was made of each start's claim, in order.
    var placements: [Placement] { trainers.map(\.placement) }

    /// The most that ever worked at a time.
    var most: Int {
        trainers.map { one in trainers.count { $0.began <= one.began && $0.ends > one.began } }.max() ?? 0
    }

    func reserve(_ claim: StageClaim, isolation: Int) async throws -> Placement {
        if let refusal { throw refusal }
        return Placement(neighbours: isolation == 0 ? nil : isolation == 1 ? 1 : 0)
    }

    func reserve(adopted process: ProcessIdentity, directory: String) async -> Placement { Placement() }
    func release(_ placement: Placement) async {}
    func isolation(directory: String) async -> Int { 0 }
    func artefact(of claim: StageClaim, directory: String) async -> String? { "digest of \(claim.stageKey)" }

    func defect(of reuse: StageReuse) async -> String? {
        if let whenVerifying {
            await whenVerifying()
            // As long as a heartbeat takes to bring the news.
            try? await clock.sleep(seconds: 30)
        }
        return reuse.artefact == "whole" ? nil : "is damaged"
    }

    func whenVerifying(_ body: @escaping @Sendable () async -> Void) { whenVerifying = body }

    func tidy(directory: String) async {}

    func refuse(_ error: Refusal?) { refusal = error }

    func start(_ claim: StageClaim, directory: String, at placement: Placement) async throws -> ProcessIdentity {
        let settings = RunSettings(claim, directory: directory)
        let identity = ProcessIdentity(host: "here", pid: Int32(1000 + trainers.count), startTicks: 1)
        trainers.append(
            Trainer(
                identity: identity, began: clock.uptime, ends: clock.uptime + duration,
                placement: placement, settings: settings,
                ending: ending(settings)))
        try await disturb?()
        return identity
    }

    func status(of process: ProcessIdentity) async -> ProcessStatus {
        if sweepers.contains(process) { return .running }
        guard let trainer = trainers.first(where: { $0.identity == process }) else { return .gone }
        if trainer.ends > clock.uptime { return .running }
        return switch trainer.ending {
        case .finishes: .exited(code: 0)
        case .exits(let code): .exited(code: code)
        case .isKilled, .runsOutOfMemory: .signalled(9)
        }
    }

    func find(directory: String) async -> ProcessIdentity? {
        trainers.first { $0.settings.directory == directory && $0.ends > clock.uptime }?.identity
    }

    func result(directory: String) async -> StageResult? {
        let ended = trainers.last { $0.settings.directory == directory && $0.ends <= clock.uptime }
        guard let ended, case .finishes = ended.ending else { return nil }
        return StageResult(state: .finished, exitCode: 0, attempt: ended.settings.attempt ?? 0)
    }

    func waitForEnd(of process: ProcessIdentity) async throws -> ProcessStatus {
        while await status(of: process) == .running { try await clock.sleep(seconds: 0.1) }
        return await status(of: process)
    }

    func age(of process: ProcessIdentity) async -> Double? {
        trainers.first { $0.identity == process }.map { clock.uptime - $0.began }
    }

    func shortage(directory: String, status: ProcessStatus) async -> MemoryShortage? {
        guard case .runsOutOfMemory? = trainers.last(where: { $0.settings.directory == directory })?.ending else {
            return nil
        }
        return .main
    }

    func terminate(_ process: ProcessIdentity) async {
        terminated.append(process)
        guard let index = trainers.firstIndex(where: { $0.identity == process }), trainers[index].ends > clock.uptime
        else { return }
        trainers[index].ends = min(trainers[index].ends, clock.uptime + grace)
        trainers[index].ending = .isKilled
    }
}

/// What a launcher says that cannot do what it is asked.
struct Refusal: UserFacingError, Hashable {
    var code = "no_room"
    var description: String
}
