import Experiment
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Bayesian search")
struct BayesianSearchTests {
    private let text = """
        method: bayes
        metric: {name: loss, goal: minimize}
        parameters: {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0}, kind: {value: fixed}}
        """

    @Test("The Gaussian process predicts what scikit-learn's does")
    func process() {
        let points = [[0.1, 0.2], [0.4, 0.9], [0.8, 0.5], [0.3, 0.3], [0.6, 0.1], [0.95, 0.85]]
        let process = GaussianProcess(points: points, values: [1.2, 0.4, 2.5, 0.9, 1.7, 3.1])
        // GaussianProcessRegressor(Matern(nu=1.5), alpha=1e-7) of scikit-learn, whose length scale is 0.3602.
        let expected = [
            ([0.2, 0.25], -0.6775424902963568, 0.23346453461391106),
            ([0.5, 0.5], -0.3516540162945727, 0.6229492794345346),
            ([0.9, 0.1], 0.3775172465506879, 0.7775902913307146),
        ]
        for (point, mean, deviation) in expected {
            let found = process.predict(point)
            #expect(abs(found.mean - mean) < 2e-3 && abs(found.deviation - deviation) < 2e-3)
        }
        #expect(abs(process.value(0) - 1.6333333333333333) < 1e-9)
        #expect(!process.isDegenerate)
    }

    @Test("It finds the valley of a function sooner than random search", arguments: [1, 2, 3] as [UInt64])
    func beatsRandom(seed: UInt64) throws {
        func loss(_ config: [String: JSONValue]) -> Double {
            let (x, y) = (config["x"]?.number ?? 9, config["y"]?.number ?? 9)
            return (x - 0.73) * (x - 0.73) + (y - 0.21) * (y - 0.21)
        }
        func best(_ searcher: SweepSearcher) -> Double {
            draw(searcher, count: 25, seed: seed, metric: loss).compactMap(\.minimum).min() ?? 9
        }
        let bayes = try best(searcher(text))
        let random = try best(searcher(text.replacing("bayes", with: "random")))
        #expect(bayes < random / 3, "bayes \(bayes), random \(random)")
    }

    @Test("Maximising looks for the largest value")
    func maximise() throws {
        let searcher = try searcher(text.replacing("minimize", with: "maximize"))
        let runs = draw(searcher, count: 20) { -abs(($0["x"]?.number ?? 9) - 0.4) }
        #expect((runs.compactMap(\.maximum).max() ?? -9) > -0.03)
    }

    @Test("Runs without a value stand for the worst, unless the metric says otherwise")
    func imputation() throws {
        let space = SearchSpace(try Definition(text: text).parameters)
        let config: [String: JSONValue] = ["x": .double(0.5), "y": .double(0.5)]
        func run(_ state: RunState, _ minimum: Double?, _ maximum: Double?, _ latest: Double?) -> PastRun {
            PastRun(id: "r", state: state, config: config, minimum: minimum, maximum: maximum, latest: latest)
        }
        let runs = [
            run(.finished, 1, 8, 2), run(.failed, 0.5, 6, 3), run(.finished, nil, nil, nil),
            // What runs still counts for no worst value.
            run(.running, 0.1, 50, 4.5), run(.pending, nil, nil, nil),
        ]
        func observations(_ objective: Objective) -> Observations {
            Observations(runs, Objectives(list: [objective], weights: [1]), point: space.point)
        }
        func values(_ objective: Objective) -> [Double] { observations(objective).samples.map { $0.losses[0] } }
        #expect(values(Objective(name: "m")) == [1, 8, 8])
        #expect(values(Objective(name: "m", impute: .best)) == [1, 0.5, 0])
        #expect(values(Objective(name: "m", impute: .latest)) == [1, 3, 0])
        #expect(values(Objective(name: "m", imputeWhileRunning: .latest)) == [1, 8, 8, 0.1])
        #expect(values(Objective(name: "m", goal: .maximize)) == [-8, -0.5, -0.5])
        #expect(observations(Objective(name: "m")).running.count == 2)
    }

    @Test("Two agents that ask one after the other are sent to different places")
    func fantasies() throws {
        let searcher = try searcher(text)
        var runs = draw(searcher, count: 12) { abs(($0["x"]?.number ?? 9) - 0.4) + abs(($0["y"]?.number ?? 9) - 0.6) }
        let first = try #require(searcher.next(after: runs, seed: 99, number: 0))
        runs.append(PastRun(.running, first))
        let second = try #require(searcher.next(after: runs, seed: 99, number: 0))
        #expect(first != second)
    }

    @Test("Hostile numbers are looked past", arguments: [1e308, -1e308, 0, .leastNonzeroMagnitude])
    func extremes(value: Double) throws {
        let searcher = try searcher(text)
        var values = [value, 1, -value, value, 2, value / 2][...]
        let runs = draw(searcher, count: 7) { _ in values.popFirst() ?? 0 }
        #expect(runs.count == 7)
        for run in runs { #expect((0...1).contains(run.config["x"]?.number ?? -1)) }
    }

    @Test("Runs of other programs, whose config lacks a parameter, are left out")
    func strangers() throws {
        let space = SearchSpace(try Definition(text: text).parameters)
        #expect(space.point(of: ["x": .double(0.5)]) == nil)
        #expect(space.point(of: ["x": .double(0.25), "y": .int(1)]) == [0.25, 1])
    }
}
