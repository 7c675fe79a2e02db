import Experiment

/// What a stage has come to, as its trial's search sees it.
struct StageOutcome: Sendable {
    /// What its run says of a metric.
    struct Values: Sendable {
        /// Over the run's history, the last value, and what the run's summary says instead.
        var minimum: Double?
        var maximum: Double?
        var latest: Double?
        var summary: Double?
    }

    /// Its own, or the one that stands for it.
    var run: String
    var state: StageState
    var hasBegun: Bool
    /// Of the sweep's metric, and of the others that its search looks at.
    var values: [Values]

    /// `state` and `attempts` as the record has them; what another's result stands for has begun without an attempt.
    init(run: String, state: String, attempts: Int, values: [Values]) {
        self.run = run
        self.state = StageState(rawValue: state) ?? .failed
        hasBegun = attempts > 0 || self.state == .done
        self.values = values
    }
}

/// What the stages of a trial have come to.
struct TrialOutcome: Sendable {
    /// The first of its stages that is not done says it.
    var state: StageState = .done
    /// Of the last of its stages that has begun, or of the first.
    var run = ""
    /// Of the sweep's metric, and of the others that its search looks at, over the runs of its stages; finite values only.
    private(set) var metrics: [DrawnRun.Metric]

    init(metrics count: Int = 1) { metrics = Array(repeating: DrawnRun.Metric(), count: count) }

    mutating func add(_ stage: StageOutcome) {
        if state == .done { state = stage.state }
        if run.isEmpty || stage.hasBegun { run = stage.run }
        for (index, values) in stage.values.enumerated() where index < metrics.count { metrics[index].add(values) }
    }

    var minimum: Double? { metrics.first?.minimum }
    var maximum: Double? { metrics.first?.maximum }

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

extension DrawnRun.Metric {
    fileprivate mutating func add(_ values: StageOutcome.Values) {
        for case let value? in [values.minimum, values.summary] where value.isFinite {
            minimum = min(minimum ?? value, value)
        }
        for case let value? in [values.maximum, values.summary] where value.isFinite {
            maximum = max(maximum ?? value, value)
        }
        if let value = values.latest, value.isFinite { latest = value }
    }
}
