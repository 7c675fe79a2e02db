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
    /// None where they are drawn one by one.
    package var trials: [TrialPlan]
    /// `grid`, or the search that draws its trials.
    package var method: String
    /// Name of the definition's file, for messages.
    package var file: String?
    /// What runs instead of our trainer, and its command line with W&B's macros, where each trial is one such program.
    package var program: String?
    package var command: [String]?
    /// By stage: what runs instead of our trainer in sweeps with stages.
    package var programs: [String: StageProgram]?
    /// Causes of failure after which a stage is started again; nil: as its launcher says.
    package var retryOn: [FailureCause]?
    /// No more trials than these are run, and no stage is started once so many hours of GPUs are used.
    package var trialLimit: Int?
    package var gpuHours: Double?
    /// Runs may be told to stop before they end by themselves.
    package var stopsEarly: Bool

    package init(
        name: String, project: String, definition: String, definitionHash: String, metric: String?, goal: Goal,
        maximumAttempts: Int, stages: [StagePlan], trials: [TrialPlan], method: String = "grid", file: String? = nil,
        program: String? = nil, command: [String]? = nil, programs: [String: StageProgram]? = nil,
        retryOn: [FailureCause]? = nil, trialLimit: Int? = nil, gpuHours: Double? = nil, stopsEarly: Bool = false
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
        self.method = method
        self.file = file
        self.program = program
        self.command = command
        self.programs = programs
        self.retryOn = retryOn
        self.trialLimit = trialLimit
        self.gpuHours = gpuHours
        self.stopsEarly = stopsEarly
    }
}

/// One piece of work, shared by all trials whose parameters it reads are the same.
package struct StagePlan: Codable, Sendable, Hashable {
    /// Hash of the stage's name, the parameters it reads, the key of the stage before it and its program, if any.
    package var key: String
    /// `train` or `generate` of our trainer; a program's is the file's word.
    package var name: String
    /// Key of the stage whose output it needs.
    package var input: String?
    /// What its run is called, from the parameters that vary, as `joint balanced T=0.8`.
    package var title: String
    /// The parameters that it and the stages before it read.
    package var config: [String: JSONValue]
    package var resources: StageResources

    package init(
        key: String, name: String, input: String?, title: String, config: [String: JSONValue],
        resources: StageResources = StageResources()
    ) {
        self.key = key
        self.name = name
        self.input = input
        self.title = title
        self.config = config
        self.resources = resources
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
