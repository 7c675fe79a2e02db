import Experiment

/// A sweep as W&B's clients define it: of any program, its configurations drawn one by one while agents ask for them.
///
/// The planned sweeps of our own trainer are a ``Definition``.
package struct DrawnDefinition: Sendable, Hashable {
    package enum Method: String, Sendable, CaseIterable {
        case grid
        case random
        case bayes
    }

    /// The definition as it was sent.
    package let text: String
    package let method: Method
    package let name: String?
    package let summary: String?
    package let project: String?
    package let program: String?
    package let objective: Objective?
    /// In the order of the file.
    package let parameters: [Parameter]
    package let parametersPosition: SourcePosition
    package let earlyTermination: EarlyTermination?
    /// No more runs than this are handed out.
    package let runCap: Int?
    /// What a person should know of a definition that works.
    package let warnings: [String]
}

extension DrawnDefinition {
    /// Understands W&B's whole schema; what needs W&B's own services (launch, a scheduler beside the server) is refused.
    ///
    /// Throws `SweepDefinitionError`, a sentence that begins with `file`, line and column.
    package init(text: String, file: String = "sweep config") throws {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard let root = try YAMLReader.read(text, file: file), !root.isNull else {
            throw SweepDefinitionError(
                .missingKey, at: start, "the definition is empty; it needs at least 'method' and 'parameters'")
        }
        let reader = try MappingReader(root, subject: "a sweep", keys: Definition.keys.filter { $0 != "stages" })
        _ = try reader.required("method", hint: "grid, random or bayes")
        let word = try reader.word("method", of: Method.allCases.map(\.rawValue) + ["custom"])
        try Definition.checkOtherKeys(reader)
        try DrawnDefinition.refuseUnsupported(reader)
        guard let method = word.flatMap(Method.init) else {
            throw Definition.unsupported(
                reader, "method", "'custom' leaves the search to a scheduler; use grid, random or bayes")
        }
        let parameters = try reader.required("parameters", hint: "the settings to try, as lr: {values: [1e-3, 1e-4]}")

        self.text = text
        self.method = method
        name = try Definition.label(reader, "name")
        summary = try reader.string("description")
        project = try Definition.label(reader, "project")
        program = try reader.string("program")
        objective = try Objective.read(reader)
        self.parameters = try Parameter.list(parameters, subject: "'parameters'")
        parametersPosition = reader.keyPosition("parameters")
        earlyTermination = try reader.value("early_terminate").map(EarlyTermination.init)
        runCap = try reader.positiveInt("run_cap")
        warnings = DrawnDefinition.warnings(self.parameters)
        try checkMetric(reader)
    }

    private static func refuseUnsupported(_ reader: MappingReader) throws {
        let reasons = [
            "metrics": "a sweep has one 'metric' here; name it instead of 'metrics'",
            "job": "agents run programs, not launch jobs; name a 'program' instead of 'job'",
            "image_uri": "agents run programs, not images; name a 'program' instead of 'image_uri'",
            "scheduler": "the tracker searches itself; leave 'scheduler' out",
        ]
        for (key, reason) in reasons.sorted(by: { $0.key < $1.key }) where reader.has(key) {
            throw Definition.unsupported(reader, key, reason)
        }
        if let controller = reader.value("controller"), controller.json == .object(["type": .string("local")]) {
            throw Definition.unsupported(
                reader, "controller", "the tracker hands out the runs; leave 'controller' out")
        }
    }

    private func checkMetric(_ reader: MappingReader) throws {
        let needy = method == .bayes ? "method" : earlyTermination == nil ? nil : "early_terminate"
        guard objective == nil, let needy else { return }
        throw SweepDefinitionError(
            .missingKey, at: reader.keyPosition(needy),
            "'\(needy == "method" ? "method: bayes" : needy)' needs the key 'metric': what the runs log and which way "
                + "is better, as {name: loss, goal: minimize}")
    }

    private static func warnings(_ parameters: [Parameter], within path: String = "") -> [String] {
        parameters.flatMap { parameter -> [String] in
            switch parameter.content {
            case .nested(let children): return warnings(children, within: "\(path)\(parameter.name).")
            case .distribution(let distribution):
                guard let values = distribution.kind.formOfValues else { return [] }
                return [
                    "\(path)\(parameter.name) uses \(distribution.kind.rawValue), where min/max specify base-e "
                        + "exponents. Use \(values.rawValue) to specify limit values."
                ]
            }
        }
    }
}

extension Distribution.Kind {
    /// For the forms whose bounds are exponents: the form that takes values instead.
    fileprivate var formOfValues: Distribution.Kind? {
        switch self {
        case .logUniform: .logUniformValues
        case .qLogUniform: .qLogUniformValues
        case .invLogUniform: .invLogUniformValues
        default: nil
        }
    }
}
