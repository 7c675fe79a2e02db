package import Experiment

/// Starts trainers and knows what has become of them, whoever started them.
package protocol Launcher: Sendable {
    /// Writes `settings` as the directory's `run.json` and starts the trainer's process, which outlives this one.
    /// Throws a `UserFacingError`.
    func start(_ settings: RunSettings, directory: String) async throws -> ProcessIdentity

    func status(of process: ProcessIdentity) async -> ProcessStatus

    /// A living trainer of the run in `directory` that nobody wrote down, because its sweeper died in between.
    func find(directory: String) async -> ProcessIdentity?

    /// What the trainer itself wrote last.
    func result(directory: String) async -> StageResult?

    /// Asks the process and its group to end.
    func terminate(_ process: ProcessIdentity) async
}

package enum ProcessStatus: Sendable, Hashable {
    case running
    case exited(code: Int32)
    case signalled(Int32)
    /// It is no more, and was not ours to wait for: how it ended is unknown.
    case gone
}
