import BenchmarkSupport
import Experiment
import Foundation
import SweepDefinition
import SweepSearch

/// How long one suggestion takes with 10,000 trials done and at hand: the search alone, as Optuna's with its trials in
/// memory.
struct SearchMeasurements {
    static let trials = 10_000
    static let methods = ["tpe", "random", "qmc", "bayes", "grid"]
    private static let rounds = 21

    /// Milliseconds, the median, by method.
    func run() throws -> [String: Double] {
        var medians: [String: Double] = [:]
        for method in SearchMeasurements.methods {
            let searcher = try SweepSearcher(Definition(text: SweepFiles.search(method)))
            // As the tracker keeps them between two draws.
            let runs = try record(method).map(searcher.placed)
            let times = try (0..<SearchMeasurements.rounds).map { round in
                var config: [String: JSONValue]?
                let time = seconds { config = searcher.next(after: runs, seed: 7, number: runs.count + round) }
                guard config != nil else { throw Program.Failure(description: "the search by \(method) ended") }
                return time * 1000
            }
            medians[method] = Samples(times).median
        }
        return medians
    }

    /// Random configurations; of a grid its first ones.
    private func record(_ method: String) throws -> [PastRun] {
        if method == "grid" {
            return (0..<SearchMeasurements.trials).map { index in
                let config: [String: JSONValue] = [
                    "a": .int(Int64(index / 900 + 1)), "b": .int(Int64(index / 30 % 30 + 1)),
                    "c": .int(Int64(index % 30 + 1)),
                ]
                return PastRun(id: "\(index)", state: .finished, config: config, minimum: 1, maximum: 1, latest: 1)
            }
        }
        let random = try SweepSearcher(Definition(text: SweepFiles.search("random")))
        return (0..<SearchMeasurements.trials).compactMap { number in
            random.next(after: [], seed: 3, number: number).map { config in
                let value = SweepFiles.loss(config)
                return PastRun(
                    id: "\(number)", state: .finished, config: config, minimum: value, maximum: value, latest: value)
            }
        }
    }
}
