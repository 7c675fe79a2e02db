import Experiment
import HTTPTypes
import SweepDefinition
import SweepSearch

extension SweepPlan {
    /// Of a definition's text: with all its trials where these are a grid, else with none yet.
    init(definition text: String, file: String) throws(APIError) {
        do {
            let definition = try Definition(text: text, file: file)
            var plan = SweepPlanner.outline(definition)
            if definition.method == .grid {
                let grid = try SweepPlanner.plan(definition)
                (plan.stages, plan.trials, plan.definitionHash) = (grid.stages, grid.trials, grid.definitionHash)
                for index in plan.stages.indices where plan.stages[index].resources == StageResources() {
                    let name = plan.stages[index].name
                    plan.stages[index].resources =
                        definition.stages.first { $0.name == name }?.resources ?? definition.resources
                }
            } else {
                // Refuses now what could never be drawn from.
                _ = try SweepSearcher(definition)
            }
            self = plan
        } catch let error as any UserFacingError {
            throw APIError(.badRequest, error.code, error.description)
        } catch {
            throw APIError(.badRequest, "bad_definition", "the definition cannot be understood; check its YAML")
        }
    }
}
