package import Experiment

/// A sweep file of our own trainer, understood: W&B's schema and our key `stages`.
package struct Definition: Sendable, Hashable {
    package struct Metric: Sendable, Hashable {
        package var name: String
        package var goal: Goal
    }

    package let file: String
    /// The file as it was written.
    package let text: String
    package let name: String
    package let project: String
    package let metric: Metric?
    /// Only the first so many trials are run.
    package let runCap: Int?
    /// In the order of the file.
    package let parameters: [Parameter]
    package let parametersPosition: SourcePosition
    package let stages: [Stage]
}

extension Definition {
    static let keys = [
        "name", "description", "project", "entity", "program", "method", "metric", "metrics", "parameters", "stages",
        "early_terminate", "run_cap", "command", "controller", "job", "image_uri", "apiVersion", "kind", "scheduler",
    ]

    /// Parses `text`; `file` is the name that errors give it, and the sweep's name where the text has none.
    package init(text: String, file: String) throws {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard let root = try YAMLReader.read(text, file: file), !root.isNull else {
            throw SweepDefinitionError(
                .missingKey, at: start, "the file is empty; a sweep needs at least 'method' and 'parameters'")
        }
        let reader = try MappingReader(root, subject: "a sweep", keys: Definition.keys)
        let method = try reader.required("method", hint: "grid runs every combination of the parameters")
        let methods = ["grid", "random", "bayes", "custom"]
        _ = try reader.word("method", of: methods)
        let parameters = try reader.required("parameters", hint: "the settings to try, as lr: {values: [1e-3, 1e-4]}")

        self.file = file
        self.text = text
        name = try Definition.label(reader, "name") ?? Definition.baseName(file)
        project = try Definition.label(reader, "project") ?? "saga"
        metric = try Definition.metric(reader)
        runCap = try reader.positiveInt("run_cap")
        self.parameters = try Parameter.list(parameters, subject: "'parameters'")
        parametersPosition = reader.keyPosition("parameters")
        stages = try Stage.list(reader.value("stages"), parameters: self.parameters, position: reader.position)
        try Definition.checkOtherKeys(reader)
        try Definition.refuseUnsupported(reader, method: method)
        try checkStagesReadTheirOwn()
    }

    private static func metric(_ reader: MappingReader) throws -> Metric? {
        guard let objective = try Objective.read(reader) else { return nil }
        if objective.target != nil, let value = reader.value("metric") {
            let metric = try MappingReader(value, subject: "the metric", keys: Objective.keys)
            throw unsupported(metric, "target", "no run is stopped at a target; leave 'target' out")
        }
        return Metric(name: objective.name, goal: objective.goal)
    }

    /// A name for people that fits in one line.
    static func label(_ reader: MappingReader, _ key: String) throws -> String? {
        guard let text = try reader.string(key), let value = reader.value(key) else { return nil }
        guard text.utf8.count <= 128, text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position, "'\(key)' must be one line of at most 128 bytes")
        }
        return text
    }

    private static func baseName(_ file: String) -> String {
        let last = file.split(separator: "/").last ?? "sweep"
        let name = last.firstIndex(of: ".").map { last[..<$0] } ?? last
        return name.isEmpty ? "sweep" : String(name.prefix(128))
    }
}
