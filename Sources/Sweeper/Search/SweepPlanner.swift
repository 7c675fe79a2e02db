package import Experiment
package import SweepDefinition

/// Expands sweep definitions into plans. Pure: the same text gives the same plan, keys included, on every machine.
package enum SweepPlanner {
    /// Plans the definition `definitionText`, a YAML text; `file` is the name that errors give it.
    ///
    /// Throws `SweepDefinitionError`: one sentence that begins with FILE:LINE:COLUMN.
    package static func plan(definitionText: String, file: String) throws -> SweepPlan {
        try plan(Definition(text: definitionText, file: file))
    }

    /// Trials in the order of the grid; stages that read the same are planned once and shared. What is drawn has no
    /// trials yet: ``stages(of:in:)`` plans each as it comes.
    package static func plan(_ definition: Definition) throws -> SweepPlan {
        guard definition.method == .grid else {
            // What could never be drawn from is refused now.
            _ = try SweepSearcher(definition)
            try checkNames(definition)
            return outline(definition)
        }
        let grid = try Grid(definition)
        let varied = Set(grid.axes.filter { $0.points.count > 1 }.map(\.name))
        let layout = StageLayout(definition, varied: varied)
        let settings = definition.trainerParameters
        var stages = definition.stages.map { _ in [StagePlan]() }
        var known: Set<String> = []
        var trials: [TrialPlan] = []
        for index in 0..<min(grid.count, definition.trialLimit ?? grid.count) {
            let choice = grid.choice(index)
            let config = grid.config(choice)
            let points = grid.points(choice)
            if definition.runsTrainer {
                try check(config, of: settings, points, layout, definition)
            }
            var keys: [String] = []
            for depth in 0..<layout.depth {
                let input = keys.last
                let key = layout.key(of: depth, points, input: input)
                if known.insert(key).inserted {
                    stages[depth].append(layout.plan(depth, key: key, input: input, points: points))
                }
                keys.append(key)
            }
            trials.append(TrialPlan(number: index + 1, config: config, stages: keys))
        }
        var plan = outline(definition)
        plan.definitionHash = gridHash(definition, grid, trials: trials)
        plan.stages = stages.flatMap(\.self)
        plan.trials = trials
        return plan
    }

    /// The stages of a trial whose configuration a search has drawn, first to last, with the keys that the same
    /// configuration has in a grid. What the trainer makes of the values, it says itself when the stage runs.
    package static func stages(of config: [String: JSONValue], _ definition: Definition) -> [StagePlan] {
        let varied = Set(definition.parameters.filter(\.varies).map(\.name))
        let layout = StageLayout(definition, varied: varied)
        let points = layout.names.map { name in
            config[name].map {
                Grid.Point(value: $0, text: $0.canonicalText, position: definition.parametersPosition)
            }
        }
        var stages: [StagePlan] = []
        for depth in 0..<layout.depth {
            let input = stages.last?.key
            let key = layout.key(of: depth, points, input: input)
            stages.append(layout.plan(depth, key: key, input: input, points: points))
        }
        return stages
    }

    private static func checkNames(_ definition: Definition) throws {
        let read = definition.trainerParameters
        for parameter in definition.parameters
        where read.contains(parameter.name) && !RunSettings.configKeys.contains(parameter.name) {
            throw SweepDefinitionError(
                .unknownKey, at: parameter.position,
                "the trainer has no setting '\(parameter.name)'"
                    + didYouMean(parameter.name, among: RunSettings.configKeys))
        }
    }

    private static func check(
        _ config: [String: JSONValue], of settings: Set<String>, _ points: [Grid.Point?], _ layout: StageLayout,
        _ definition: Definition
    ) throws {
        do {
            let isWhole = settings.count == definition.parameters.count
            try RunSettings.check(config: isWhole ? config : config.filter { settings.contains($0.key) })
        } catch {
            let named = zip(layout.names, points).compactMap { name, point in point.map { (name, $0) } }
            throw SweepDefinitionError(
                error, definition, points: Dictionary(named) { first, _ in first })
        }
    }

    /// What the definition says beside its trials and stages.
    package static func outline(_ definition: Definition) -> SweepPlan {
        SweepPlan(
            name: definition.name, project: definition.project, definition: definition.text,
            definitionHash: drawnHash(definition), metric: definition.objective?.name,
            goal: definition.objective?.goal ?? .minimize, maximumAttempts: definition.retry.attempts, stages: [],
            trials: [], method: definition.method.rawValue, file: definition.file,
            program: definition.isSingleProgram ? definition.program : nil,
            command: definition.isSingleProgram ? definition.command : nil, programs: programs(definition),
            retryOn: definition.retry.causes?.sorted { $0.rawValue < $1.rawValue },
            trialLimit: definition.trialLimit, gpuHours: definition.budget.gpuHours,
            stopsEarly: definition.earlyTermination != nil)
    }

    /// By stage, where there are stages.
    private static func programs(_ definition: Definition) -> [String: StageProgram]? {
        guard !definition.isSingleProgram else { return nil }
        let programs = definition.stages.compactMap { stage in stage.program.map { (stage.name, $0) } }
        return programs.isEmpty ? nil : Dictionary(programs) { first, _ in first }
    }

    /// Of what the definition asks for, however it is spelt: order of keys, comments and forms do not count.
    private static func gridHash(_ definition: Definition, _ grid: Grid, trials: [TrialPlan]) -> String {
        let parameters = grid.axes.map { ($0.name, JSONValue.array($0.points.map(\.value))) }
        var meaning = meaning(definition)
        meaning["parameters"] = .object(Dictionary(uniqueKeysWithValues: parameters))
        if !definition.constraints.isEmpty || definition.parameters.contains(where: { $0.condition != nil }) {
            meaning["trials"] = .array(trials.compactMap(\.stages.last).map(JSONValue.string))
        }
        return SHA256.hex(JSONValue.object(meaning).canonicalText)
    }

    /// A search is the same where the whole file says the same.
    private static func drawnHash(_ definition: Definition) -> String {
        var meaning = meaning(definition)
        meaning["definition"] = definition.meaning
        return SHA256.hex(JSONValue.object(meaning).canonicalText)
    }

    private static func meaning(_ definition: Definition) -> [String: JSONValue] {
        let stages = definition.stages.map { stage in
            var meaning: [String: JSONValue] = [
                "name": .string(stage.name), "reads": .array(stage.reads.sorted().map(JSONValue.string)),
            ]
            if !definition.isSingleProgram, let program = stage.program { meaning["program"] = program.words }
            return JSONValue.object(meaning)
        }
        var meaning: [String: JSONValue] = [
            "method": .string(definition.method.rawValue),
            "project": .string(definition.project),
            "metric": definition.objective.map { .array([.string($0.name), .string($0.goal.rawValue)]) } ?? .null,
            "run_cap": definition.runCap.map { .int(Int64($0)) } ?? .null,
            "stages": .array(stages),
        ]
        if definition.isSingleProgram { meaning["program"] = definition.stages[0].program?.words }
        if let trials = definition.budget.trials { meaning["trial_budget"] = .int(Int64(trials)) }
        return meaning
    }
}
