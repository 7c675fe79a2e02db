package import Experiment

/// What the scheduler tells whoever shows its progress.
package enum SchedulerEvent: Sendable {
    case started(StageClaim)
    /// A living trainer of a sweeper that died.
    case adopted(StageClaim)
    case succeeded(StageClaim)
    /// What another sweep has made stands for the stage.
    case reused(StageClaim, StageReuse)
    /// Ended by order, early or because the sweep was cancelled.
    case stopped(StageClaim, reason: String)
    case failed(StageClaim, message: String, retry: Bool)
    /// Somebody else has the stage now.
    case lost(StageClaim)
    case counts(SweepSummary)
    case trackerAway(String)
    case trackerBack
    case warning(String)
    case slotClosed(failures: Int)
}
