import Experiment
import Foundation
import SweepScheduler

/// A machine's processes, which live on when their sweeper dies. Each trainer works for a set time.
actor FakeLauncher: Launcher {
    enum Ending: Sendable {
        case finishes
        case exits(Int32)
        case isKilled
    }

    private struct Trainer {
        var identity: ProcessIdentity
        var ends: Date
        var settings: RunSettings
        var ending: Ending
    }

    private let clock: FakeClock
    private let duration: Double
    private let ending: @Sendable (RunSettings) -> Ending
    private var trainers: [Trainer] = []
    private var sweepers: Set<ProcessIdentity> = []
    private(set) var terminated: [ProcessIdentity] = []
    private var disturb: (@Sendable () async throws -> Void)?

    init(
        clock: FakeClock, duration: Double = 3, ending: @escaping @Sendable (RunSettings) -> Ending = { _ in .finishes }
    ) {
        self.clock = clock
        self.duration = duration
        self.ending = ending
    }

    /// Called when a process has been started and nobody has heard of it yet.
    func disturbStart(_ body: (@Sendable () async throws -> Void)?) { disturb = body }

    func sweeper(_ identity: ProcessIdentity, lives: Bool) {
        if lives { sweepers.insert(identity) } else { sweepers.remove(identity) }
    }

    /// Settings of every start, in order.
    var starts: [RunSettings] { trainers.map(\.settings) }

    func most(atATime date: Date) -> Int { trainers.count { $0.ends > date } }

    func start(_ settings: RunSettings, directory: String) async throws -> ProcessIdentity {
        let identity = ProcessIdentity(host: "here", pid: Int32(1000 + trainers.count), startTicks: 1)
        trainers.append(
            Trainer(
                identity: identity, ends: clock.now.addingTimeInterval(duration), settings: settings,
                ending: ending(settings)))
        try await disturb?()
        return identity
    }

    func status(of process: ProcessIdentity) async -> ProcessStatus {
        if sweepers.contains(process) { return .running }
        guard let trainer = trainers.first(where: { $0.identity == process }) else { return .gone }
        if trainer.ends > clock.now { return .running }
        return switch trainer.ending {
        case .finishes: .exited(code: 0)
        case .exits(let code): .exited(code: code)
        case .isKilled: .signalled(9)
        }
    }

    func find(directory: String) async -> ProcessIdentity? {
        trainers.first { $0.settings.directory == directory && $0.ends > clock.now }?.identity
    }

    func result(directory: String) async -> StageResult? {
        let ended = trainers.last { $0.settings.directory == directory && $0.ends <= clock.now }
        guard let ended, case .finishes = ended.ending else { return nil }
        return StageResult(state: .finished, exitCode: 0, attempt: ended.settings.attempt ?? 0)
    }

    func terminate(_ process: ProcessIdentity) async { terminated.append(process) }
}
