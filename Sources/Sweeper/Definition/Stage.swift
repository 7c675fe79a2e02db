package import Experiment

/// One piece of work of each trial: our addition to W&B's schema.
package struct Stage: Sendable, Hashable {
    /// Subcommand of the trainer.
    package var name: String
    package var position: SourcePosition
    /// Parameters that it reads itself; the stages after it see them too.
    package var reads: [String]
    /// What its trainers need; nil: what the sweep says.
    package var resources: StageResources?
}

extension Stage {
    /// What the trainer can do, in the order in which it can be done.
    static let names = ["train", "generate"]
    /// The one stage of a sweep of any other program.
    package static let program = "run"

    /// The stages of a sweep; without the key there is one, `train`. The first stage reads every parameter that no
    /// stage names.
    static func list(
        _ value: YAMLValue?, parameters: [Parameter], position: SourcePosition, runsTrainer: Bool
    ) throws -> [Stage] {
        guard let value else {
            let name = runsTrainer ? "train" : Stage.program
            return [Stage(name: name, position: position, reads: parameters.map(\.name))]
        }
        guard runsTrainer else {
            throw SweepDefinitionError(
                .unsupported, at: value.position,
                "'stages' are those of our trainer; a program is one stage, so leave 'stages' or 'program' out")
        }
        guard case .sequence(let items) = value.content, !items.isEmpty else {
            throw SweepDefinitionError(
                .wrongType, at: value.position,
                "'stages' must be a list, as in [{name: train}, {name: generate, reads: [temperature]}], "
                    + "not \(value.spoken)")
        }
        var readers: [String: String] = [:]
        var stages: [Stage] = []
        for item in items {
            let stage = try Stage(item, parameters: parameters, readers: &readers)
            guard stage.name == names[safe: stages.count] else {
                throw SweepDefinitionError(
                    .invalidValue, at: stage.position,
                    "stage \(stages.count + 1) cannot be '\(stage.name)'; the stages are \(names.joined(separator: ", then "))"
                )
            }
            stages.append(stage)
        }
        stages[0].reads += parameters.map(\.name).filter { readers[$0] == nil }
        return stages
    }

    private init(_ value: YAMLValue, parameters: [Parameter], readers: inout [String: String]) throws {
        let reader = try MappingReader(value, subject: "a stage", keys: ["name", "reads", "resources"])
        let nameValue = try reader.required("name", hint: "train or generate")
        let stage = try reader.word("name", of: Stage.names) ?? ""
        var reads: [String] = []
        for item in try reader.list("reads") ?? [] {
            guard case .scalar(.string(let parameter)) = item.content else {
                throw SweepDefinitionError(
                    .wrongType, at: item.position, "'reads' lists names of parameters, not \(item.spoken)")
            }
            guard parameters.contains(where: { $0.name == parameter }) else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "stage '\(stage)' reads '\(parameter.prefix(60))', which is no parameter of this sweep"
                        + didYouMean(parameter, among: parameters.map(\.name)))
            }
            if let other = readers.updateValue(stage, forKey: parameter) {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'\(parameter)' is read by stage '\(other)' already; stages after it see it too")
            }
            reads.append(parameter)
        }
        self.init(
            name: stage, position: nameValue.position, reads: reads,
            resources: try reader.value("resources").map { try StageResources(yaml: $0) })
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
