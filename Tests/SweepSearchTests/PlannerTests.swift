import Experiment
import Foundation
import SweepSearch
import Testing

@Suite("Planner")
struct PlannerTests {
    @Test("The demo sweep is 45 trials out of 9 trainings and 45 generations")
    func demoSharesStages() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sweeps/demo.yaml").standardizedFileURL
        let plan = try SweepPlanner.plan(
            definitionText: String(contentsOf: file, encoding: .utf8), file: "demo.yaml")
        #expect(plan.trials.count == 45)
        #expect(plan.stages.count { $0.name == "train" } == 9)
        #expect(plan.stages.count { $0.name == "generate" } == 45)
        #expect(Set(plan.stages.map(\.key)).count == 54)
        #expect(plan.metric == "probe")
        let titles = plan.stages.map(\.title)
        #expect(titles.first == "joint uniform" || titles.contains("joint uniform"))
        #expect(titles.contains("image+audio report"))
        #expect(titles.contains("joint balanced temperature=0.4"))
    }
}
