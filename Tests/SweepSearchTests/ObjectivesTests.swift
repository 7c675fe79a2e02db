import Experiment
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Several metrics")
struct ObjectivesTests {
    @Test("Fronts are chosen one after the other, and the ends of the last one before its middle")
    func fronts() {
        let points: [[Double]] = [[1, 5], [2, 3], [5, 1], [3, 4], [6, 6], [2.1, 2.9], [.nan, 0.5], [1, 5]]
        #expect(Set(ParetoFronts.best(6, of: points)) == [0, 1, 2, 5, 6, 7])
        #expect(Set(ParetoFronts.best(7, of: points)) == [0, 1, 2, 3, 5, 6, 7])
        #expect(ParetoFronts.best(99, of: points).count == 8)
        #expect(ParetoFronts.best(2, of: [[0, 3], [1, 2], [1.1, 1.9], [3, 0]]).sorted() == [0, 3])
        #expect(ParetoFronts.dominates([1, 1], [1, 2]) && !ParetoFronts.dominates([1, 1], [1, 1]))
        #expect(ParetoFronts.dominates([1, 1], [1, .nan]) && !ParetoFronts.dominates([.nan, 1], [2, 2]))
    }

    /// The two losses cannot both be small: the Pareto set is image = audio's mirror, x from 0 to 1 and y = 0.
    private func runs(_ method: String, _ metrics: String, count: Int, seed: UInt64) throws -> [PastRun] {
        let searcher = try searcher(
            """
            method: \(method)
            program: x
            metrics: \(metrics)
            parameters: {x: {min: -2.0, max: 2.0}, y: {min: -2.0, max: 2.0}}
            """)
        var runs: [PastRun] = []
        while runs.count < count, let config = searcher.next(after: runs, seed: seed, number: runs.count) {
            let (x, y) = (config["x"]?.number ?? 9, config["y"]?.number ?? 9)
            let ranges = [x * x + y * y, (x - 1) * (x - 1) + y * y].map {
                PastRun.Range(minimum: $0, maximum: $0, latest: $0)
            }
            runs.append(PastRun(id: "r", state: .finished, config: config, ranges: ranges))
        }
        return runs
    }

    /// Area that the runs dominate below (3, 3).
    private func hypervolume(_ runs: [PastRun]) -> Double {
        var area = 0.0
        var bound = 3.0
        for run in runs.sorted(by: { ($0.ranges[0].minimum ?? 9) < ($1.ranges[0].minimum ?? 9) }) {
            guard let x = run.ranges[0].minimum, let y = run.ranges[1].minimum, x < 3, y < bound else { continue }
            area += (3 - x) * (bound - y)
            bound = y
        }
        return area
    }

    @Test("Loss of image and of audio: the front is found better than at random", arguments: ["tpe", "bayes"])
    func pareto(method: String) throws {
        let metrics = "[{name: image}, {name: audio}]"
        func volumes(_ method: String) throws -> Double {
            try (1...3).map { hypervolume(try runs(method, metrics, count: 50, seed: $0 * 1000)) }.reduce(0, +)
        }
        let (searched, random) = (try volumes(method), try volumes("random"))
        #expect(searched > random, "\(method) \(searched), random \(random)")
    }

    @Test("Weights lead to their place between the two optima")
    func weighted() throws {
        let runs = try runs("bayes", "[{name: image, weight: 3}, {name: audio}]", count: 30, seed: 5)
        func sum(_ run: PastRun) -> Double { 3 * (run.ranges[0].minimum ?? 9) + (run.ranges[1].minimum ?? 9) }
        let best = try #require(runs.min { sum($0) < sum($1) })
        #expect(abs((best.config["x"]?.number ?? 9) - 0.25) < 0.15)
        #expect(abs(best.config["y"]?.number ?? 9) < 0.15)
    }

    @Test("Directions of the metrics count, and a run without one of them has no value")
    func directions() throws {
        let space = SearchSpace(
            try Definition(text: "method: random\nprogram: x\nparameters: {a: {min: 0.0, max: 1.0}}").parameters)
        let objectives = Objectives(list: [Objective(name: "a"), Objective(name: "b", goal: .maximize)], weights: nil)
        let both = PastRun(
            id: "1", state: .finished, config: ["a": .double(0.5)],
            ranges: [.init(minimum: 1, maximum: 4, latest: 2), .init(minimum: 1, maximum: 4, latest: 2)])
        let running = PastRun(id: "2", state: .running, config: ["a": .double(0.5)], ranges: [])
        let observations = Observations([both, running], objectives, point: space.point)
        #expect(observations.samples.map(\.losses) == [[1, -4]])
        #expect(observations.running.count == 1)
    }
}
