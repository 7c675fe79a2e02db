package struct StageCounts: Codable, Sendable, Hashable {
    package var pending: Int
    package var claimed: Int
    package var done: Int
    package var failed: Int
    /// Cannot run because a stage before it failed.
    package var blocked: Int
    /// Ended early by order, or not run because the stage before was.
    package var stopped: Int

    package init(
        pending: Int = 0, claimed: Int = 0, done: Int = 0, failed: Int = 0, blocked: Int = 0, stopped: Int = 0
    ) {
        self.pending = pending
        self.claimed = claimed
        self.done = done
        self.failed = failed
        self.blocked = blocked
        self.stopped = stopped
    }
}
