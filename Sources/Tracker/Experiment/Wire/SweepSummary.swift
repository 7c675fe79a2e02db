package import FoundationEssentials

/// `GET /api/v1/sweeps` (newest first; `?name=` filters) gives an array of these.
package struct SweepSummary: Codable, Sendable, Hashable {
    package enum State: String, Codable, Sendable, CaseIterable {
        case running
        /// Nothing new is handed out until it is resumed; what runs goes on.
        case paused
        /// Nothing new is handed out, and what ran was told to stop.
        case canceled
        case finished
        /// Over, with stages that failed for good.
        case failed

        package var isOver: Bool { self != .running && self != .paused }
    }

    package var id: String
    package var name: String
    package var project: String
    package var created: Date
    package var state: State
    package var trials: Int
    /// Trials all of whose stages are done.
    package var trialsDone: Int
    package var stages: StageCounts
    package var metric: String?
    package var goal: Goal
    /// Best value of the metric so far.
    package var best: BestTrial?
    /// How many trials there will be in the end; nil where the search never ends by itself.
    package var expectedTrials: Int?
    /// Seconds that one slot would take for what is left, judged by the stages that are done; nil before there are any.
    package var workLeft: Double?
    /// Set where agents draw the runs: these are the trials, and there are no stages.
    package var drawn: DrawnProgress?

    /// `state`: nil is what the counts say.
    package init(
        id: String, name: String, project: String, created: Date, state: State? = nil, trials: Int, trialsDone: Int,
        stages: StageCounts, metric: String?, goal: Goal, best: BestTrial? = nil, expectedTrials: Int? = nil,
        workLeft: Double? = nil, drawn: DrawnProgress? = nil
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.created = created
        self.state = state ?? drawn?.state.summary ?? stages.state
        self.trials = trials
        self.trialsDone = trialsDone
        self.stages = stages
        self.metric = metric
        self.goal = goal
        self.best = best
        self.expectedTrials = expectedTrials
        self.workLeft = workLeft
        self.drawn = drawn
    }

    /// Nothing more will be handed out, whether all went well or not.
    package var isOver: Bool { state.isOver }
}

/// The trial whose run has the best value of the sweep's metric.
package struct BestTrial: Codable, Sendable, Hashable {
    package var value: Double
    /// Nil for runs that agents draw.
    package var trial: Int?
    package var run: RunID

    package init(value: Double, trial: Int?, run: RunID) {
        self.value = value
        self.trial = trial
        self.run = run
    }
}

extension StageCounts {
    /// Of a sweep of which nobody said otherwise.
    package var state: SweepSummary.State {
        guard pending == 0, claimed == 0 else { return .running }
        return failed + blocked > 0 ? .failed : .finished
    }
}

extension SweepState {
    package var summary: SweepSummary.State {
        switch self {
        case .running: .running
        case .paused: .paused
        case .finished: .finished
        case .canceled: .canceled
        }
    }
}
