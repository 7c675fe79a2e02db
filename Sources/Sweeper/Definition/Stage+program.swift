import Experiment

extension Stage {
    /// What runs the stage: its own program, else the sweep's; nil: our trainer, which may be named too.
    static func program(
        _ reader: MappingReader, in file: Surroundings, after stages: [Stage]
    ) throws -> StageProgram? {
        let named = try reader.string("program") ?? file.program
        let command = try Definition.command(reader)
        guard let named, named != Definition.trainer else {
            guard command == nil else {
                throw Definition.unsupported(
                    reader, "command",
                    "the trainer's command line is fixed; name the 'program' that the command starts")
            }
            return nil
        }
        let words = command ?? file.command ?? []
        let items = try command == nil ? [] : reader.list("command") ?? []
        for (index, word) in words.enumerated() {
            try checkInputs(of: word, at: items[safe: index]?.position ?? reader.position, stages)
        }
        return StageProgram(program: named, command: command ?? file.command)
    }

    static func name(_ reader: MappingReader, _ value: YAMLValue) throws -> String {
        guard let name = try reader.string("name"), name.utf8.count <= 64, Parameter.isName(name) else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position,
                "'name' of a stage has at most 64 letters, digits, '_', '-' and '.', beginning with a letter or '_'")
        }
        return name
    }

    /// `${input:NAME}` is the folder of a stage that comes before.
    private static func checkInputs(of word: String, at position: SourcePosition, _ stages: [Stage]) throws {
        for match in word.matches(of: /\$\{input(?::([^}]*))?\}/) {
            let name = match.1.map(String.init) ?? ""
            guard !stages.contains(where: { $0.name == name }) else { continue }
            let names = stages.map(\.name)
            let choice = names.map { "${input:\($0)}" }.joined(separator: ", ")
            throw SweepDefinitionError(
                .invalidValue, at: position,
                "'\(match.0)' is no folder of a stage before this one; "
                    + (names.isEmpty ? "the first stage has none" : "there is \(choice)")
                    + didYouMean(name, among: names))
        }
    }
}
