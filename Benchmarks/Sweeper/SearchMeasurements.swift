import Experiment
import Foundation
import SweepDefinition
import SweepSearch

/// How long one suggestion takes with 10,000 trials done: a space of six parameters, as Optuna's in the same run.
struct SearchMeasurements {
    static let trials = 10_000
    private static let rounds = 21

    func run() throws -> [SweeperMeasurement] {
        try [("tpe", 20.0), ("random", 20), ("qmc", 20), ("bayes", 100), ("grid", 20)].map { method, aim in
            let searcher = try SweepSearcher(Definition(text: definition(method)))
            let runs = try record(method, searcher)
            let times = (0..<SearchMeasurements.rounds).map { round in
                let start = ContinuousClock.now
                let config = searcher.next(after: runs, seed: 7, number: runs.count + round)
                let milliseconds = start.duration(to: .now) / .milliseconds(1)
                precondition(config != nil, "the search ended")
                return milliseconds
            }
            let median = times.sorted()[times.count / 2]
            return SweeperMeasurement(
                name: "suggestion by \(method), \(SearchMeasurements.trials) trials done, median", unit: "ms",
                ours: median, aim: aim)
        }
    }

    private func definition(_ method: String) -> String {
        let parameters =
            method == "grid"
            ? "{a: {min: 1, max: 30}, b: {min: 1, max: 30}, c: {min: 1, max: 30}}"
            : """
            {lr: {distribution: log_uniform_values, min: 1e-5, max: 1.0}, x: {min: 0.0, max: 1.0},
            y: {min: -5.0, max: 5.0}, depth: {min: 1, max: 16}, kind: {values: [a, b, c, d]},
            drop: {distribution: q_uniform, min: 0, max: 0.5, q: 0.05}}
            """
        return "method: \(method)\nprogram: x\nmetric: {name: loss}\nparameters: \(parameters)"
    }

    /// Random configurations; of a grid its first ones.
    private func record(_ method: String, _ searcher: SweepSearcher) throws -> [PastRun] {
        if method == "grid" {
            return (0..<SearchMeasurements.trials).map { index in
                let config: [String: JSONValue] = [
                    "a": .int(Int64(index / 900 + 1)), "b": .int(Int64(index / 30 % 30 + 1)),
                    "c": .int(Int64(index % 30 + 1)),
                ]
                return PastRun(id: "\(index)", state: .finished, config: config, minimum: 1, maximum: 1, latest: 1)
            }
        }
        let random = try SweepSearcher(Definition(text: definition("random")))
        return (0..<SearchMeasurements.trials).compactMap { number in
            random.next(after: [], seed: 3, number: number).map { config in
                let value = loss(config)
                return PastRun(
                    id: "\(number)", state: .finished, config: config, minimum: value, maximum: value, latest: value)
            }
        }
    }

    private func loss(_ config: [String: JSONValue]) -> Double {
        func number(_ key: String) -> Double { config[key]?.number ?? 0 }
        return pow(log10(number("lr")) + 3, 2) + pow(number("x") - 0.3, 2) + pow(number("y") - 1, 2) / 10
            + pow(number("depth") - 9, 2) / 30 + number("drop") + (config["kind"] == .string("c") ? 0 : 0.5)
    }
}
