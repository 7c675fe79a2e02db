import Experiment
import SweepDefinition
import SweepSearch

func searcher(_ text: String) throws -> SweepSearcher { try SweepSearcher(Definition(text: text)) }

extension PastRun {
    init(
        _ state: RunState, _ config: [String: JSONValue], isLost: Bool = false, value: Double? = nil
    ) {
        self.init(
            id: "r", state: state, config: config, isLost: isLost, minimum: value, maximum: value, latest: value)
    }
}

/// Runs a sweep to its end, or for `count` runs; each run ends with the value that `metric` gives it.
func draw(
    _ searcher: SweepSearcher, count: Int, seed: UInt64 = 1, metric: ([String: JSONValue]) -> Double = { _ in 0 }
) -> [PastRun] {
    var runs: [PastRun] = []
    while runs.count < count, let config = searcher.next(after: runs, seed: seed &* 7919, number: runs.count) {
        runs.append(PastRun(.finished, config, value: metric(config)))
    }
    return runs
}
