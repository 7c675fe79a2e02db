import Experiment

/// How long a sweep will still take, from how fast it has been while it was watched.
struct TimeLeft {
    /// Seconds since the watching began, and how much was over then.
    private var samples: [(seconds: Double, over: Int)] = []
    /// Older samples say little about the speed now.
    private static let window = 600.0

    /// Seconds left; nil as long as nothing can be said.
    mutating func note(_ sweep: SweepSummary, at seconds: Double) -> Double? {
        let over = TimeLeft.over(sweep)
        // Stages that are pending again, by a retry or an extension, begin a new measurement.
        if let last = samples.last, over < last.over { samples.removeAll() }
        samples.append((seconds, over))
        while samples.count > 2, samples[1].seconds < seconds - TimeLeft.window { samples.removeFirst() }
        guard !sweep.isOver, sweep.state != .paused else { return nil }
        let left = TimeLeft.left(sweep)
        if let work = sweep.workLeft, sweep.stages.claimed > 0 { return work / Double(sweep.stages.claimed) }
        guard let first = samples.first, over > first.over, seconds > first.seconds else { return nil }
        return Double(left) * (seconds - first.seconds) / Double(over - first.over)
    }

    private static func over(_ sweep: SweepSummary) -> Int {
        sweep.drawn == nil ? sweep.stages.done + sweep.stages.stopped + sweep.stages.failed : sweep.trialsDone
    }

    private static func left(_ sweep: SweepSummary) -> Int {
        sweep.drawn == nil
            ? sweep.stages.pending + sweep.stages.claimed
            : max(0, (sweep.expectedTrials ?? sweep.trials) - sweep.trialsDone)
    }
}
