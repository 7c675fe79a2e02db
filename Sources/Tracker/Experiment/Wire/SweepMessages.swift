package import FoundationEssentials

/// `POST /api/v1/sweeps`: the definition's text; the tracker expands and stores it.
///
/// A sweep of the same name and definition is continued; stages of it that failed are pending again when all else is
/// over.
package struct CreateSweepRequest: Codable, Sendable, Hashable {
    package var definition: String
    /// Name of the definition's file, for messages.
    package var file: String?
    /// Start another sweep even where one of the same name and definition exists.
    package var new: Bool

    package init(definition: String, file: String? = nil, new: Bool = false) {
        self.definition = definition
        self.file = file
        self.new = new
    }
}

package struct CreateSweepResponse: Codable, Sendable, Hashable {
    package var sweep: SweepSummary
    /// False when an existing sweep is continued (or is finished already).
    package var created: Bool

    package init(sweep: SweepSummary, created: Bool) {
        self.sweep = sweep
        self.created = created
    }
}

/// `GET /api/v1/sweeps` (newest first; `?name=` filters) gives an array of these.
package struct SweepSummary: Codable, Sendable, Hashable {
    package var id: String
    package var name: String
    package var project: String
    package var created: Date
    package var trials: Int
    /// Trials all of whose stages are done.
    package var trialsDone: Int
    package var stages: StageCounts
    package var metric: String?
    package var goal: Goal
    /// Set where agents draw the runs: these are the trials, and there are no stages.
    package var drawn: DrawnProgress?

    package init(
        id: String, name: String, project: String, created: Date, trials: Int, trialsDone: Int, stages: StageCounts,
        metric: String?, goal: Goal, drawn: DrawnProgress? = nil
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.created = created
        self.trials = trials
        self.trialsDone = trialsDone
        self.stages = stages
        self.metric = metric
        self.goal = goal
        self.drawn = drawn
    }

    /// Nothing is left to run, whether all went well or not.
    package var isOver: Bool { drawn?.state.isOver ?? (stages.pending == 0 && stages.claimed == 0) }
    package var state: String { drawn?.state.rawValue.lowercased() ?? plannedState }
    private var plannedState: String {
        isOver ? (stages.failed + stages.blocked > 0 ? "failed" : "finished") : "running"
    }
}

/// How far a sweep has come that agents draw from.
package struct DrawnProgress: Codable, Sendable, Hashable {
    /// `grid`, `random` or `bayes`.
    package var method: String
    package var state: SweepState
    /// Runs by state; states that no run has are left out.
    package var runs: [String: Int]

    package init(method: String, state: SweepState, runs: [String: Int]) {
        self.method = method
        self.state = state
        self.runs = runs
    }
}

package struct StageCounts: Codable, Sendable, Hashable {
    package var pending: Int
    package var claimed: Int
    package var done: Int
    package var failed: Int
    /// Cannot run because a stage before it failed.
    package var blocked: Int

    package init(pending: Int = 0, claimed: Int = 0, done: Int = 0, failed: Int = 0, blocked: Int = 0) {
        self.pending = pending
        self.claimed = claimed
        self.done = done
        self.failed = failed
        self.blocked = blocked
    }
}

package enum StageState: String, Codable, Sendable, CaseIterable {
    case pending
    case claimed
    case done
    case failed
}

/// `GET /api/v1/sweeps/{id}/stages` gives an array of these, in the order of the plan.
package struct StageStatus: Codable, Sendable, Hashable {
    package var key: String
    package var name: String
    package var title: String
    package var state: StageState
    /// Starts so far.
    package var attempts: Int
    package var run: RunID
    package var config: [String: JSONValue]
    /// Set while claimed.
    package var claim: StageClaim?
    /// Why the last attempt failed.
    package var message: String?

    package init(
        key: String, name: String, title: String, state: StageState, attempts: Int, run: RunID,
        config: [String: JSONValue], claim: StageClaim?, message: String?
    ) {
        self.key = key
        self.name = name
        self.title = title
        self.state = state
        self.attempts = attempts
        self.run = run
        self.config = config
        self.claim = claim
        self.message = message
    }
}
