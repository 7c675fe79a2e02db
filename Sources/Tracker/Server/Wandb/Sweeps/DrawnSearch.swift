import Experiment
import SweepDefinition
import SweepSearch
import TrackerStore

/// The search of one sweep, in the store's terms.
struct DrawnSearch: SweepSearching {
    let searcher: SweepSearcher
    private let seed: UInt64

    init(_ sweep: DrawnSweep) throws {
        searcher = try SweepSearcher(Definition(text: sweep.definition, file: sweep.name))
        // What happened can be replayed from the sweep's id alone.
        seed = UInt64(SHA256.hex(sweep.id).prefix(16), radix: 16) ?? 0
    }

    var fillsGaps: Bool { searcher.definition.method == .grid }

    func next(after runs: [DrawnRun], number: Int) -> [String: JSONValue]? {
        searcher.next(after: runs.map(PastRun.init), seed: seed, number: number)
    }
}

extension PastRun {
    init(_ run: DrawnRun) {
        self.init(
            id: run.handle, state: run.state, config: run.config, isLost: run.state == .crashed, minimum: run.minimum,
            maximum: run.maximum, latest: run.latest)
    }
}
