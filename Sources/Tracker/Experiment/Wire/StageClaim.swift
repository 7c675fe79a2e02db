package import FoundationEssentials

/// The right to run a stage, until the lease ends or somebody takes it over.
package struct StageClaim: Codable, Sendable, Hashable {
    package var sweep: String
    package var sweepName: String
    package var project: String
    package var stageKey: String
    package var stage: String
    package var title: String
    package var run: RunID
    /// Counts from 1.
    package var attempt: Int
    package var maximumAttempts: Int
    /// Rises with every claim and takeover of the stage: a report with an older token is refused.
    package var fence: Int64
    package var config: [String: JSONValue]
    /// Run directories of the stages before it, by stage name.
    package var inputs: [String: String]
    package var claimant: ProcessIdentity
    /// The trainer, once it has been started.
    package var process: ProcessIdentity?
    package var directory: String?
    package var leaseEnds: Date
    /// Seconds until then by the database's clock, which alone counts: a machine's own may be wrong.
    package var leaseLeft: Double?
    /// Number of the first trial that needs the stage.
    package var trial: Int?
    /// What runs instead of our trainer.
    package var program: String?
    /// W&B's command line with its macros as written; the launcher expands them.
    package var command: [String]?
    package var resources: StageResources
    /// The batch system's job, once it has been submitted.
    package var job: BatchJob?
    /// Done already by another sweep: verify the artefact and report `reused`, or run the stage.
    package var reuse: StageReuse?

    package init(
        sweep: String, sweepName: String, project: String, stageKey: String, stage: String, title: String, run: RunID,
        attempt: Int, maximumAttempts: Int, fence: Int64, config: [String: JSONValue], inputs: [String: String],
        claimant: ProcessIdentity, process: ProcessIdentity?, directory: String?, leaseEnds: Date,
        leaseLeft: Double? = nil, trial: Int? = nil, program: String? = nil, command: [String]? = nil,
        resources: StageResources = StageResources(), job: BatchJob? = nil, reuse: StageReuse? = nil
    ) {
        self.sweep = sweep
        self.sweepName = sweepName
        self.project = project
        self.stageKey = stageKey
        self.stage = stage
        self.title = title
        self.run = run
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
        self.fence = fence
        self.config = config
        self.inputs = inputs
        self.claimant = claimant
        self.process = process
        self.directory = directory
        self.leaseEnds = leaseEnds
        self.leaseLeft = leaseLeft
        self.trial = trial
        self.program = program
        self.command = command
        self.resources = resources
        self.job = job
        self.reuse = reuse
    }
}
