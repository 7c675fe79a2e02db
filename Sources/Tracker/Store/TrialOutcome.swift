import Experiment

/// What a stage has come to, as its trial's search sees it.
struct StageOutcome: Sendable {
    /// Its own, or the one that stands for it.
    var run: String
    var state: StageState
    var hasBegun: Bool
    /// Of the sweep's metric over the run's history, the last value, and what the run's summary says instead.
    var minimum: Double?
    var maximum: Double?
    var latest: Double?
    var summary: Double?

    /// `state` and `attempts` as the record has them; what another's result stands for has begun without an attempt.
    init(
        run: String, state: String, attempts: Int, minimum: Double?, maximum: Double?, latest: Double?,
        summary: Double?
    ) {
        self.run = run
        self.state = StageState(rawValue: state) ?? .failed
        hasBegun = attempts > 0 || self.state == .done
        (self.minimum, self.maximum, self.latest, self.summary) = (minimum, maximum, latest, summary)
    }
}

/// What the stages of a trial have come to.
struct TrialOutcome: Sendable {
    /// The first of its stages that is not done says it.
    var state: StageState = .done
    /// Of the last of its stages that has begun, or of the first.
    var run = ""
    /// Of the sweep's metric over the runs of its stages, finite values only.
    var minimum: Double?
    var maximum: Double?
    var latest: Double?

    mutating func add(_ stage: StageOutcome) {
        if state == .done { state = stage.state }
        if run.isEmpty || stage.hasBegun { run = stage.run }
        for case let value? in [stage.minimum, stage.summary] where value.isFinite {
            minimum = min(minimum ?? value, value)
        }
        for case let value? in [stage.maximum, stage.summary] where value.isFinite {
            maximum = max(maximum ?? value, value)
        }
        if let value = stage.latest, value.isFinite { latest = value }
    }

    /// Nothing of it will change, unless somebody makes it pending again.
    var isOver: Bool { state != .pending && state != .claimed }

    /// As searches see it: in the words of runs.
    var runState: RunState {
        switch state {
        case .pending: .pending
        case .claimed: .running
        case .done: .finished
        case .failed: .failed
        case .stopped: .killed
        }
    }
}
