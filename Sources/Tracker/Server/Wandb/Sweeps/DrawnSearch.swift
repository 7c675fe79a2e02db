import Experiment
import SweepDefinition
import SweepSearch
import TrackerStore

/// The search of one sweep, in the store's terms.
struct DrawnSearch: SweepSearching {
    var searcher: SweepSearcher
    private let seed: UInt64

    init(_ sweep: DrawnSweep) throws {
        try self.init(id: sweep.id, definition: Definition(text: sweep.definition, file: sweep.name))
    }

    init(id: String, definition: Definition) throws {
        searcher = try SweepSearcher(definition)
        // What happened can be replayed from the sweep's id alone.
        seed = UInt64(SHA256.hex(id).prefix(16), radix: 16) ?? 0
    }

    var otherMetrics: [String] { searcher.definition.objectives.dropFirst().map(\.name) }
    var fillsGaps: Bool { searcher.definition.method == .grid }

    func next(after runs: [DrawnRun], number: Int) -> [String: JSONValue]? {
        next(after: runs.map(PastRun.init), number: number)
    }

    func next(after runs: [PastRun], number: Int) -> [String: JSONValue]? {
        searcher.next(after: runs, seed: seed, number: number)
    }
}

extension PastRun {
    init(_ run: DrawnRun) {
        self.init(
            id: run.handle, state: run.state, config: run.config, isLost: run.state == .crashed,
            ranges: [Range(minimum: run.minimum, maximum: run.maximum, latest: run.latest)]
                + run.others.map { Range(minimum: $0.minimum, maximum: $0.maximum, latest: $0.latest) })
    }
}
