import Experiment
import SweepDefinition
import SweepScheduler

/// A way of running a sweep's stages: on this machine, or by a batch system.
protocol SweepRunner: Sendable {
    /// Refuses what could never run, so that no sweep is made of it.
    func prepare(_ definition: Definition) async throws

    /// Takes on a sweep that is there; nothing happens before the run is told to.
    func begin(_ sweep: OpenSweep, _ definition: Definition) throws -> any SweepRun

    /// Requests to the tracker at a time.
    var connections: Int { get }
    /// What becomes of what runs when the sweeper leaves, as a sentence without its end.
    var afterlife: String { get }
}

/// One runner at work on one sweep.
protocol SweepRun: Sendable {
    /// Returns when the sweep is over or nothing more can be done for it here.
    func run() async throws -> SweepEnd
}

/// A run whose trainers can be ended from here.
protocol EndableSweepRun: SweepRun {
    /// Ends what runs, and answers how much that was.
    func endTrainers() async -> Int
    /// Whether that has been asked for: `run` throws `CancellationError` then.
    var isEndingTrainers: Bool { get async }
}

/// A sweep that the tracker has, and all that whoever runs it needs to know.
struct OpenSweep: Sendable {
    let ledger: any Ledger
    let home: SagaHome
    let address: TrackerAddress
    /// What other sweeps have made stands for stages that would make the same.
    let takesOver: Bool
    let tell: @Sendable (SchedulerEvent) -> Void
}

/// How a run of a sweep ended.
struct SweepEnd: Sendable {
    var summary: SweepSummary
    /// Nobody works on it any more, though it is not over.
    var allSlotsClosed = false
    /// What a person should know beside.
    var note: String?
}
