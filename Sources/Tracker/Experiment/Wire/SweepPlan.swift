/// A sweep definition, expanded: what the tracker stores and hands out.
package struct SweepPlan: Codable, Sendable, Hashable {
    package var name: String
    package var project: String
    /// The definition as it was written.
    package var definition: String
    /// Hash of what the definition says, however it is spelt: equal hashes mean the same sweep.
    package var definitionHash: String
    /// Metric that the sweep optimises, if it names one.
    package var metric: String?
    package var goal: Goal
    /// How many times a stage may be started.
    package var maximumAttempts: Int
    /// Stages of all trials, each once, earlier stages first.
    package var stages: [StagePlan]
    package var trials: [TrialPlan]

    package init(
        name: String, project: String, definition: String, definitionHash: String, metric: String?, goal: Goal,
        maximumAttempts: Int, stages: [StagePlan], trials: [TrialPlan]
    ) {
        self.name = name
        self.project = project
        self.definition = definition
        self.definitionHash = definitionHash
        self.metric = metric
        self.goal = goal
        self.maximumAttempts = maximumAttempts
        self.stages = stages
        self.trials = trials
    }
}

package enum Goal: String, Codable, Sendable, CaseIterable {
    case minimize
    case maximize
}

/// One piece of work, shared by all trials whose parameters it reads are the same.
package struct StagePlan: Codable, Sendable, Hashable {
    /// Hash of the stage's name, the parameters it reads and the key of the stage before it.
    package var key: String
    /// `train` or `generate`.
    package var name: String
    /// Key of the stage whose output it needs.
    package var input: String?
    /// What its run is called, from the parameters that vary, as `joint balanced T=0.8`.
    package var title: String
    /// The parameters that it and the stages before it read.
    package var config: [String: JSONValue]

    package init(key: String, name: String, input: String?, title: String, config: [String: JSONValue]) {
        self.key = key
        self.name = name
        self.input = input
        self.title = title
        self.config = config
    }
}

package struct TrialPlan: Codable, Sendable, Hashable {
    /// Counts from 1 in the order of the grid.
    package var number: Int
    package var config: [String: JSONValue]
    /// Keys of its stages, first to last.
    package var stages: [String]

    package init(number: Int, config: [String: JSONValue], stages: [String]) {
        self.number = number
        self.config = config
        self.stages = stages
    }
}
