import Experiment
import Foundation
import SweepSearch
import Testing

@Suite("Costs of stages")
struct StageCostsTests {
    private static func run(_ config: [String: JSONValue], seconds: Double, attempt: Int = 1) -> MeasuredRun {
        let start = Date(timeIntervalSince1970: 1000)
        return MeasuredRun(
            config: config, attempt: attempt, started: start, finished: start.addingTimeInterval(seconds))
    }

    /// 100 steps of batch 10 with 20 tokens a sample.
    private static let config: [String: JSONValue] = [
        "dim": .int(64), "head_dim": .int(32), "batch_size": .int(10), "total_tokens": .int(20_000),
        "input_tokens_range": .array([.int(1), .int(10)]), "target_tokens_range": .array([.int(1), .int(10)]),
    ]

    private func stage(_ name: String, _ changes: [String: JSONValue] = [:]) -> StagePlan {
        StagePlan(
            key: "k", name: name, input: nil, title: "t", config: StageCostsTests.config.merging(changes) { $1 })
    }

    @Test("A training takes its steps times the median time of a step; another batch by its samples")
    func training() throws {
        let costs = StageCosts(
            trainings: [40, 50, 90].map { StageCostsTests.run(StageCostsTests.config, seconds: $0) }, generations: [])
        #expect(costs.seconds(stage("train")) == 50)
        #expect(costs.seconds(stage("train", ["total_tokens": .int(40_000)])) == 100)
        let halved = try #require(costs.seconds(stage("train", ["batch_size": .int(5)])))
        #expect(abs(halved - 50) < 1e-9)
    }

    @Test("Nothing is said of models that were not measured, nor by runs that were interrupted")
    func unknown() {
        let interrupted = StageCostsTests.run(StageCostsTests.config, seconds: 9000, attempt: 2)
        #expect(StageCosts(trainings: [interrupted], generations: []).seconds(stage("train")) == nil)
        let costs = StageCosts(
            trainings: [StageCostsTests.run(StageCostsTests.config, seconds: 50)],
            generations: [StageCostsTests.run(StageCostsTests.config, seconds: 4)])
        #expect(costs.seconds(stage("train", ["dim": .int(128)])) == nil)
        #expect(costs.seconds(stage("generate")) == 4)
        #expect(costs.seconds(stage("generate", ["generation_steps": .int(9)])) == nil)
        #expect(costs.seconds(stage("run")) == nil)
    }
}
