import Experiment

extension SweepPlan {
    /// Stages that one sweep may have.
    static let maximumStages = 200_000

    /// Refuses a plan that cannot be stored or could never be worked off.
    func check() throws(StoreError) {
        try IngestLimits.check(name: name, "the sweep's name")
        try IngestLimits.check(name: project, "the project")
        guard stages.count <= SweepPlan.maximumStages, trials.count <= SweepPlan.maximumStages else {
            throw StoreError(
                .tooLarge, "the sweep has more than \(SweepPlan.maximumStages) stages or trials; cut its grid down")
        }
        guard maximumAttempts >= 1 else {
            throw StoreError(.invalidPlan, "a stage must be startable at least once, not \(maximumAttempts) times")
        }
        var known: Set<String> = []
        for stage in stages {
            try IngestLimits.check(name: stage.key, "a stage's key")
            try IngestLimits.check(name: stage.name, "a stage's name")
            try IngestLimits.check(text: stage.title, "a stage's title")
            try IngestLimits.check(stage.config, "a stage's config")
            if let input = stage.input, !known.contains(input) {
                throw StoreError(
                    .invalidPlan, "stage '\(stage.title)' needs the stage '\(input)', which is not before it")
            }
            guard known.insert(stage.key).inserted else {
                throw StoreError(.invalidPlan, "two stages have the key '\(stage.key)'")
            }
        }
        for trial in trials {
            try IngestLimits.check(trial.config, "a trial's config")
            if let unknown = trial.stages.first(where: { !known.contains($0) }) {
                throw StoreError(.invalidPlan, "trial \(trial.number) has the stage '\(unknown)', which is not planned")
            }
        }
    }

    /// Config keys that differ between trials, sorted.
    var variedKeys: [String] {
        guard let first = trials.first else { return [] }
        var varied: Set<String> = []
        for trial in trials {
            for key in Set(trial.config.keys).union(first.config.keys) where trial.config[key] != first.config[key] {
                varied.insert(key)
            }
        }
        return varied.sorted()
    }
}
