/// `PATCH /api/v1/sweeps/{id}` pauses, resumes or cancels a sweep and answers its summary.
package struct SweepEdit: Codable, Sendable, Hashable {
    package enum State: String, Codable, Sendable, CaseIterable {
        /// Hand out again. Of a canceled sweep, what was not run.
        case running
        case paused
        case canceled
    }

    package var state: State

    package init(state: State) { self.state = state }
}

/// `POST /api/v1/sweeps/{id}/retry`: stages that failed are pending again, with a full round of attempts.
package struct RetryRequest: Codable, Sendable, Hashable {
    /// Numbers of trials whose stages shall run again, done or not; nil: whatever has failed.
    package var trials: [Int]?

    package init(trials: [Int]? = nil) { self.trials = trials }
}

package struct RetryResponse: Codable, Sendable, Hashable {
    /// How many stages are pending again.
    package var stages: Int
    package var sweep: SweepSummary

    package init(stages: Int, sweep: SweepSummary) {
        self.stages = stages
        self.sweep = sweep
    }
}

/// `POST /api/v1/sweeps/{id}/extend`: more trials of a running or finished sweep; only what is new is added.
package struct ExtendRequest: Codable, Sendable, Hashable {
    /// The definition with more values; nil leaves it.
    package var definition: String?
    package var file: String?
    /// So many trials more than it was to have, where they are drawn or a `run_cap` bounds them.
    package var trials: Int?

    package init(definition: String? = nil, file: String? = nil, trials: Int? = nil) {
        self.definition = definition
        self.file = file
        self.trials = trials
    }
}

/// `GET /api/v1/sweeps/{id}/definition`: what the sweep was made of, or last extended by.
package struct DefinitionText: Codable, Sendable, Hashable {
    /// YAML.
    package var definition: String
    /// The name of its file, for messages and as the name of sweeps that have none.
    package var file: String?

    package init(definition: String, file: String?) {
        self.definition = definition
        self.file = file
    }
}

package struct ExtendResponse: Codable, Sendable, Hashable {
    package var addedTrials: Int
    package var addedStages: Int
    package var sweep: SweepSummary

    package init(addedTrials: Int, addedStages: Int, sweep: SweepSummary) {
        self.addedTrials = addedTrials
        self.addedStages = addedStages
        self.sweep = sweep
    }
}

/// `GET /api/v1/sweeps/{id}/trials` gives an array of these, by number.
package struct TrialStatus: Codable, Sendable, Hashable {
    package var number: Int
    /// The first of its stages that is not done says it; `done` when all are.
    package var state: StageState
    package var config: [String: JSONValue]
    /// Keys of its stages, first to last.
    package var stages: [String]
    /// Run of the last of its stages that has begun, or of the first.
    package var run: RunID
    /// Best value of the sweep's metric in the runs of its stages.
    package var value: Double?

    package init(
        number: Int, state: StageState, config: [String: JSONValue], stages: [String], run: RunID, value: Double?
    ) {
        self.number = number
        self.state = state
        self.config = config
        self.stages = stages
        self.run = run
        self.value = value
    }
}
