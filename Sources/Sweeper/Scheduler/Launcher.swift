package import Experiment

/// Starts trainers and knows what has become of them, whoever started them.
package protocol Launcher: Sendable {
    /// Waits until there is room for the claim's trainer and takes it. `isolation` rises with each time that the stage
    /// ran out of memory: the trainer gets fewer neighbours. Throws a `UserFacingError` when there never will be room,
    /// `CancellationError` when the task is cancelled.
    func reserve(_ claim: StageClaim, isolation: Int) async throws -> Placement

    /// Takes the room again in which a living trainer that this launcher did not start works.
    func reserve(adopted process: ProcessIdentity, directory: String) async -> Placement

    func release(_ placement: Placement) async

    /// Writes the claim's settings as the directory's `run.json` and starts the trainer's process, which outlives this
    /// one. Throws a `UserFacingError`.
    func start(_ claim: StageClaim, directory: String, at placement: Placement) async throws -> ProcessIdentity

    func status(of process: ProcessIdentity) async -> ProcessStatus

    /// Returns as soon as the process has ended; throws `CancellationError` when the task is cancelled.
    func waitForEnd(of process: ProcessIdentity) async throws -> ProcessStatus

    /// Seconds since the process was started, whatever was done to the clocks since; nil when that is not known.
    func age(of process: ProcessIdentity) async -> Double?

    /// A living trainer of the run in `directory` that nobody wrote down, because its sweeper died in between.
    func find(directory: String) async -> ProcessIdentity?

    /// What the trainer itself wrote last.
    func result(directory: String) async -> StageResult?

    /// The memory that the trainer which ended so had too little of, as far as its surroundings tell.
    func shortage(directory: String, status: ProcessStatus) async -> MemoryShortage?

    /// How often, by what was noted on this machine, the run's attempts before this one ran out of memory.
    func isolation(directory: String) async -> Int

    /// The digest of what the stage of our trainer that ended well in `directory` has made, by which other sweeps may
    /// take it over; nil where nothing can be told of it. Throws a `UserFacingError`.
    func artefact(of claim: StageClaim, directory: String) async throws -> String?

    /// Why what another sweep has made cannot be taken over, as the rest of a sentence that begins with what it is; nil
    /// when it is there and whole.
    func defect(of reuse: StageReuse) async -> String?

    /// Called now and then while a trainer runs: its output must not fill the disk.
    func tidy(directory: String) async

    /// Asks the process and its group to end; what has not ended after a grace period is killed.
    func terminate(_ process: ProcessIdentity) async
}

package enum ProcessStatus: Sendable, Hashable {
    case running
    case exited(code: Int32)
    case signalled(Int32)
    /// It is no more, and was not ours to wait for: how it ended is unknown.
    case gone
}
