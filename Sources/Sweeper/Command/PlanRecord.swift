import Experiment
import SweepLaunchers
import SweepSearch
import TrackerClient

/// What the tracker knows of a plan's stages: which are done, and how long such stages took.
struct PlanRecord {
    var reused: [String: StageReuse] = [:]
    /// Why those whose files are not as they were made will run all the same.
    var damaged: [String: String] = [:]
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
            for reuse in found {
                // As the sweeper will see it, but for damage that leaves a file's time as it was.
                if let defect = await Artefact.defect(of: reuse, trustsTimes: true) {
                    record.damaged[reuse.key] = "the result of run \(reuse.run) of '\(reuse.sweepName)' \(defect)"
                } else {
                    record.reused[reuse.key] = reuse
                }
            }
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
