/// What becomes of a sweep that agents draw from; the words are W&B's.
package enum SweepState: String, Codable, Sendable, CaseIterable {
    case running = "RUNNING"
    /// No new runs for now.
    case paused = "PAUSED"
    /// No new runs; those under way may end.
    case finished = "FINISHED"
    /// No new runs, and those under way are stopped.
    case canceled = "CANCELED"

    package var isOver: Bool { self == .finished || self == .canceled }
}
