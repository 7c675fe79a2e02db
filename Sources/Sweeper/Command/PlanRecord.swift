import Experiment
import SweepSearch
import TrackerClient

/// What the tracker knows of a plan's stages: which are done, and how long such stages took.
struct PlanRecord {
    var reused: [String: StageReuse] = [:]
    /// Why that is not known; nil when it is.
    var reuseProblem: String?
    var costs: StageCosts?
    var costProblem: String?

    /// A tracker that does not answer is no failure: a plan can be looked at without one.
    static func ask(about plan: SweepPlan, _ client: SweepClient) async -> PlanRecord {
        var record = PlanRecord()
        guard !plan.stages.isEmpty else { return record }
        do {
            let found = try await client.reusable(
                ReuseRequest(project: plan.project, keys: plan.stages.map(\.key)))
            record.reused = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
        } catch {
            record.reuseProblem = "\(error)"
        }
        do {
            record.costs = StageCosts(
                trainings: try await client.finishedRuns(
                    project: plan.project, jobType: "train", as: MeasuredRun.self),
                generations: try await client.finishedRuns(
                    project: plan.project, jobType: "generate", as: MeasuredRun.self))
        } catch {
            record.costProblem = "\(error)"
        }
        return record
    }
}
