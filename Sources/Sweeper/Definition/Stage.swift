package import Experiment

/// One piece of work of each trial: our addition to W&B's schema.
package struct Stage: Sendable, Hashable {
    /// Subcommand of the trainer, or what the file calls a program's stage.
    package var name: String
    package var position: SourcePosition
    /// Parameters that it reads itself; the stages after it see them too.
    package var reads: [String]
    /// What its trainers need; nil: what the sweep says.
    package var resources: StageResources?
    /// What runs it; nil: our trainer.
    package var program: StageProgram?
}

extension Stage {
    /// What the trainer can do, in the order in which it can be done.
    static let names = ["train", "generate"]
    /// The one stage of a sweep of any other program.
    package static let single = "run"

    /// What a file says beside its list of stages.
    struct Surroundings {
        var parameters: [Parameter]
        /// Of the whole mapping.
        var position: SourcePosition
        /// What runs the stages that name no program; nil: our trainer.
        var program: String?
        /// The command line of the programs that have none.
        var command: [String]?

        var usual: StageProgram? { program.map { StageProgram(program: $0, command: command) } }
    }

    /// The stages of a sweep; without the key there is one. The first stage reads every parameter that no stage names.
    static func list(_ value: YAMLValue?, in file: Surroundings) throws -> [Stage] {
        guard let value else {
            let name = file.program == nil ? "train" : Stage.single
            return [
                Stage(name: name, position: file.position, reads: file.parameters.map(\.name), program: file.usual)
            ]
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
            let stage = try Stage(item, in: file, after: stages, readers: &readers)
            try stage.checkPlace(after: stages)
            stages.append(stage)
        }
        stages[0].reads += file.parameters.map(\.name).filter { readers[$0] == nil }
        return stages
    }

    private init(
        _ value: YAMLValue, in file: Surroundings, after stages: [Stage], readers: inout [String: String]
    ) throws {
        let reader = try MappingReader(
            value, subject: "a stage", keys: ["name", "reads", "resources", "program", "command"])
        let program = try Stage.program(reader, in: file, after: stages)
        let nameValue = try reader.required(
            "name", hint: program == nil ? "train or generate" : "what the record calls it, as train")
        let name =
            try program == nil ? reader.word("name", of: Stage.names) ?? "" : Stage.name(reader, nameValue)
        var reads: [String] = []
        for item in try reader.list("reads") ?? [] {
            guard case .scalar(.string(let parameter)) = item.content else {
                throw SweepDefinitionError(
                    .wrongType, at: item.position, "'reads' lists names of parameters, not \(item.spoken)")
            }
            guard file.parameters.contains(where: { $0.name == parameter }) else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "stage '\(name)' reads '\(parameter.prefix(60))', which is no parameter of this sweep"
                        + didYouMean(parameter, among: file.parameters.map(\.name)))
            }
            if let other = readers.updateValue(name, forKey: parameter) {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'\(parameter)' is read by stage '\(other)' already; stages after it see it too")
            }
            reads.append(parameter)
        }
        self.init(
            name: name, position: nameValue.position, reads: reads,
            resources: try reader.value("resources").map { try StageResources(yaml: $0) }, program: program)
    }

    private func checkPlace(after stages: [Stage]) throws {
        let number = stages.count + 1
        guard program == nil else {
            if let other = stages.firstIndex(where: { $0.name == name }) {
                throw SweepDefinitionError(
                    .invalidValue, at: position,
                    "stage \(number) is called '\(name)' as stage \(other + 1) is; give each a name of its own")
            }
            return
        }
        if let other = stages.firstIndex(where: { $0.program != nil }) {
            throw SweepDefinitionError(
                .invalidValue, at: position,
                "stage \(number) is our trainer's and stage \(other + 1) a program's; the trainer's come first, or give "
                    + "this one a 'program' too")
        }
        guard name == Stage.names[safe: stages.count] else {
            throw SweepDefinitionError(
                .invalidValue, at: position,
                "stage \(number) cannot be '\(name)'; the stages are \(Stage.names.joined(separator: ", then "))")
        }
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
