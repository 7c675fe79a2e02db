package import Experiment

/// A sweep file, understood: W&B's schema, and our keys beside it.
///
/// One type serves sweeps of our own trainer and of any program, whether `sweeper run` starts their trials or W&B's
/// agents ask for them.
package struct Definition: Sendable, Hashable {
    /// How configurations are chosen.
    package enum Method: String, Sendable, CaseIterable {
        case grid
        case random
        case bayes
        /// Tree-structured Parzen estimator; ours.
        case tpe
        /// Quasi-random: points that fill the space evenly; ours.
        case qmc
    }

    package let file: String
    /// The file as it was written.
    package let text: String
    package let method: Method
    /// As written; ``name`` is never empty.
    package let givenName: String?
    package let summary: String?
    package let givenProject: String?
    /// What runs the stages that name no program of their own; nil: our own trainer.
    package let program: String?
    /// Its command line with W&B's macros, one argument an item; nil: W&B's usual one.
    package let command: [String]?
    /// The one that `metric` names, or those of `metrics`.
    package let objectives: [Objective]
    /// No more trials than this.
    package let runCap: Int?
    /// In the order of the file, with `seeds` as the parameter `seed` at the end.
    package let parameters: [Parameter]
    package let parametersPosition: SourcePosition
    package let constraints: Constraints
    package let stages: [Stage]
    /// Whether each trial is one run of one program, as in W&B's sweeps: its agents may draw from such a one.
    package let isSingleProgram: Bool
    package let earlyTermination: EarlyTermination?
    /// What each trainer needs, where its stage does not say otherwise.
    package let resources: StageResources
    package let retry: RetryPolicy
    package let budget: Budget
    /// Where the stages run; nil: wherever `sweeper run` is told to.
    package let launcher: LauncherChoice?
    /// Who is told that all is done, and who that something has failed for good.
    package let onFinish: NotificationChoice?
    package let onFailure: NotificationChoice?
    /// What the file says of the search, without what only says how and where its trials run.
    package let meaning: JSONValue
    /// What a person should know of a definition that works.
    package let warnings: [String]
}

extension Definition {
    static let keys = [
        "name", "description", "project", "entity", "program", "method", "metric", "metrics", "parameters", "stages",
        "early_terminate", "run_cap", "command", "controller", "job", "image_uri", "apiVersion", "kind", "scheduler",
        "exclude", "require", "zip", "seeds", "presets", "resources", "retry", "budget",
        "launcher", "on_finish", "on_failure",
    ]

    /// The sweep's name, from the file's where the text has none.
    package var name: String { givenName ?? Definition.baseName(file) }
    package var project: String { givenProject ?? "saga" }
    /// The metric that comes first.
    package var objective: Objective? { objectives.first }
    /// Whether a stage is our own trainer's.
    package var runsTrainer: Bool { stages.contains { $0.program == nil } }
    /// What the others run.
    package var programs: [StageProgram] { stages.compactMap(\.program) }
    /// Parameters that stages of our trainer read: these must be its settings.
    package var trainerParameters: Set<String> { Set(stages.filter { $0.program == nil }.flatMap(\.reads)) }

    /// Our trainer's name as a program.
    static let trainer = "trainer"

    /// Parses `text`; `file` is the name that errors give it. What needs W&B's own services is refused.
    ///
    /// Throws `SweepDefinitionError`, a sentence that begins with `file`, line and column.
    package init(text: String, file: String = "sweep config") throws {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard let root = try YAMLReader.read(text, file: file), !root.isNull else {
            throw SweepDefinitionError(
                .missingKey, at: start, "the file is empty; a sweep needs at least 'method' and 'parameters'")
        }
        let reader = try MappingReader(root, subject: "a sweep", keys: Definition.keys)
        _ = try reader.required("method", hint: "grid, random, bayes, tpe or qmc")
        let word = try reader.word("method", of: Method.allCases.map(\.rawValue) + ["custom"])
        let written = try reader.required("parameters", hint: "the settings to try, as lr: {values: [1e-3, 1e-4]}")

        self.file = file
        self.text = text
        givenName = try Definition.label(reader, "name")
        summary = try reader.string("description")
        givenProject = try Definition.label(reader, "project")
        let program = try reader.string("program")
        self.program = program == Definition.trainer ? nil : program
        command = try Definition.command(reader)
        objectives = try Objective.list(reader)
        runCap = try reader.positiveInt("run_cap")
        let presets = try reader.value("presets").map(Presets.init)
        parameters = try Parameter.list(written, presets: presets, seeds: reader.value("seeds"))
        parametersPosition = reader.keyPosition("parameters")
        constraints = try Constraints(reader, parameters: parameters)
        stages = try Stage.list(
            reader.value("stages"),
            in: Stage.Surroundings(
                parameters: parameters, position: reader.position, program: self.program, command: command))
        isSingleProgram = self.program != nil && !reader.has("stages")
        earlyTermination = try reader.value("early_terminate").map(EarlyTermination.init)
        resources = try reader.value("resources").map { try StageResources(yaml: $0) } ?? StageResources()
        retry = try reader.value("retry").map(RetryPolicy.init) ?? RetryPolicy()
        budget = try reader.value("budget").map(Budget.init) ?? Budget()
        meaning = Definition.meaning(root)
        launcher = try reader.value("launcher").map(LauncherChoice.init)
        onFinish = try NotificationChoice(reader, "on_finish")
        onFailure = try NotificationChoice(reader, "on_failure")
        warnings = parameters.flatMap { $0.warnings(within: "") }
        try Definition.checkOtherKeys(reader)
        try Definition.refuseUnsupported(reader)
        guard let method = word.flatMap(Method.init) else {
            throw Definition.unsupported(
                reader, "method", "'custom' leaves the search to a scheduler; use grid, random, bayes, tpe or qmc")
        }
        self.method = method
        try checkMetric(reader)
        try checkCommand(reader)
        try checkStagesReadTheirOwn()
    }

    /// The most trials that will be run, where the definition bounds them.
    package var trialLimit: Int? { [runCap, budget.trials].compactMap(\.self).min() }

    /// What each trainer of a stage needs: what the stage does not say, the sweep does.
    package func resources(of stage: Stage) -> StageResources {
        guard let own = stage.resources else { return resources }
        return StageResources(
            gpus: own.gpus ?? resources.gpus, gpuMemory: own.gpuMemory ?? resources.gpuMemory,
            cpus: own.cpus ?? resources.cpus, memory: own.memory ?? resources.memory, time: own.time ?? resources.time)
    }

    private func checkMetric(_ reader: MappingReader) throws {
        let needy = method == .bayes || method == .tpe ? "method" : earlyTermination == nil ? nil : "early_terminate"
        guard objective == nil, let needy else { return }
        throw SweepDefinitionError(
            .missingKey, at: reader.keyPosition(needy),
            "'\(needy == "method" ? "method: \(method.rawValue)" : needy)' needs the key 'metric': what the runs log and which way "
                + "is better, as {name: loss, goal: minimize}")
    }

    private static func meaning(_ root: YAMLValue) -> JSONValue {
        guard case .object(var members) = root.json else { return .null }
        let others = ["name", "description", "resources", "retry", "budget", "launcher", "on_finish", "on_failure"]
        for key in others { members[key] = nil }
        return .object(members)
    }

    static func command(_ reader: MappingReader) throws -> [String]? {
        guard let items = try reader.list("command") else { return nil }
        return try items.map { item in
            guard case .scalar(let value) = item.content, value != .null else {
                throw SweepDefinitionError(
                    .wrongType, at: item.position, "'command' lists the words of a command line, not \(item.spoken)")
            }
            return value.label
        }
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
