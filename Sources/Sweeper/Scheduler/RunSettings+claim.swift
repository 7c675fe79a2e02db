package import Experiment

extension RunSettings {
    /// What the trainer of a claimed stage is told.
    package init(_ claim: StageClaim, directory: String) {
        self.init(config: claim.config)
        id = claim.run
        project = claim.project
        name = claim.title
        group = claim.sweepName
        sweep = claim.sweep
        stage = claim.stage
        attempt = claim.attempt
        self.directory = directory
        inputs = claim.inputs
    }
}
