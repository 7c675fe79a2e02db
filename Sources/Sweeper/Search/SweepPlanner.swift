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

    /// Trials in the order of the grid; stages that read the same are planned once and shared.
    package static func plan(_ definition: Definition) throws -> SweepPlan {
        let grid = try Grid(definition)
        let layout = StageLayout(definition, grid)
        var stages = definition.stages.map { _ in [StagePlan]() }
        var known: Set<String> = []
        var trials: [TrialPlan] = []
        for index in 0..<min(grid.count, definition.trialLimit ?? grid.count) {
            let choice = grid.choice(index)
            let config = grid.config(choice)
            if definition.runsTrainer {
                do {
                    try RunSettings.check(config: config)
                } catch {
                    throw SweepDefinitionError(
                        error, grid: grid, choice: choice, otherwise: definition.parametersPosition)
                }
            }
            var keys: [String] = []
            for (depth, stage) in definition.stages.enumerated() {
                let key = layout.key(of: depth, choice: choice, input: keys.last)
                if known.insert(key).inserted {
                    stages[depth].append(
                        StagePlan(
                            key: key, name: stage.name, input: keys.last,
                            title: layout.title(of: depth, choice: choice),
                            config: layout.config(of: depth, choice: choice)))
                }
                keys.append(key)
            }
            trials.append(TrialPlan(number: index + 1, config: config, stages: keys))
        }
        return SweepPlan(
            name: definition.name, project: definition.project, definition: definition.text,
            definitionHash: hash(definition, grid), metric: definition.objective?.name,
            goal: definition.objective?.goal ?? .minimize, maximumAttempts: definition.retry.attempts,
            stages: stages.flatMap { $0 }, trials: trials)
    }

    /// Of what the definition asks for, however it is spelt: order of keys, comments and forms do not count.
    private static func hash(_ definition: Definition, _ grid: Grid) -> String {
        let parameters = grid.axes.map { ($0.name, JSONValue.array($0.points.map(\.value))) }
        let stages = definition.stages.map { stage in
            JSONValue.object([
                "name": .string(stage.name), "reads": .array(stage.reads.sorted().map(JSONValue.string)),
            ])
        }
        let meaning = JSONValue.object([
            "method": .string("grid"),
            "project": .string(definition.project),
            "metric": definition.objective.map { .array([.string($0.name), .string($0.goal.rawValue)]) } ?? .null,
            "run_cap": definition.runCap.map { .int(Int64($0)) } ?? .null,
            "parameters": .object(Dictionary(uniqueKeysWithValues: parameters)),
            "stages": .array(stages),
        ])
        return SHA256.hex(meaning.canonicalText)
    }
}
