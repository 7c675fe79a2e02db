import Experiment

extension Definition {
    /// Checks the form of W&B's keys that the tracker has no use for.
    static func checkOtherKeys(_ reader: MappingReader) throws {
        for key in ["entity", "job", "image_uri", "apiVersion"] { _ = try reader.string(key) }
        _ = try reader.word("kind", of: ["sweep"])
        if let value = reader.value("controller") {
            let controller = try MappingReader(value, subject: "the controller", keys: ["type"])
            _ = try controller.word("type", of: ["local", "cloud"])
        }
        if let value = reader.value("scheduler") {
            let keys = ["engine", "source", "optimizer", "search_space"]
            let scheduler = try MappingReader(value, subject: "the scheduler", keys: keys)
            _ = try scheduler.word("engine", of: ["optuna", "ax", "wandb"])
        }
    }

    /// Refuses what the schema allows and cannot be done here: ignoring it would give another sweep than asked for.
    static func refuseUnsupported(_ reader: MappingReader) throws {
        let reasons = [
            "job": "trials are programs, not launch jobs; name a 'program' instead of 'job'",
            "image_uri": "trials are programs, not images; name a 'program' instead of 'image_uri'",
            "scheduler": "the tracker searches itself; leave 'scheduler' out",
        ]
        for (key, reason) in reasons.sorted(by: { $0.key < $1.key }) where reader.has(key) {
            throw unsupported(reader, key, reason)
        }
        if let controller = reader.value("controller"), controller.json == .object(["type": .string("local")]) {
            throw unsupported(reader, "controller", "the tracker hands out the trials; leave 'controller' out")
        }
    }

    func checkCommand(_ reader: MappingReader) throws {
        guard command != nil, programs.isEmpty else { return }
        throw Definition.unsupported(
            reader, "command", "the trainer's command line is fixed; name the 'program' that the command starts")
    }

    static func unsupported(_ reader: MappingReader, _ key: String, _ reason: String) -> SweepDefinitionError {
        SweepDefinitionError(.unsupported, at: reader.keyPosition(key), "'\(key)' cannot be done here: \(reason)")
    }

    /// A setting that the stage which reads it has no use for would change nothing, and cost a training for each value.
    func checkStagesReadTheirOwn() throws {
        let trainers = stages.filter { $0.program == nil }
        let generates = trainers.contains { $0.name == "generate" }
        let read = trainerParameters
        for parameter in parameters
        where !generates && read.contains(parameter.name) && GenerationSettings.keys.contains(parameter.name) {
            throw SweepDefinitionError(
                .invalidValue, at: parameter.position,
                "'\(parameter.name)' is a setting of generation and no stage generates; add "
                    + "'stages: [{name: train}, {name: generate, reads: [\(parameter.name)]}]'")
        }
        for stage in trainers where stage.name == "generate" {
            if let setting = stage.reads.first(where: TrainingSettings.keys.contains) {
                throw SweepDefinitionError(
                    .invalidValue, at: stage.position,
                    "stage 'generate' reads '\(setting)', a setting of training; take it out of 'reads'")
            }
        }
    }
}
