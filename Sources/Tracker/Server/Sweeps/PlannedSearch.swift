import Experiment
import SweepDefinition
import SweepSearch
import TrackerStore

/// The search of a sweep whose trials are stages.
struct PlannedSearch: TrialSearching {
    let cache = TrialCache()
    private let search: DrawnSearch
    private let stopping: EarlyStopping?

    init(_ source: SearchSource) throws {
        search = try DrawnSearch(id: source.id, definition: Definition(text: source.definition, file: source.file))
        stopping = EarlyStopping(search.searcher.definition)
    }

    func next(after trials: [DrawnRun], number: Int) throws -> DrawnTrial? {
        search.next(after: trials, number: number - 1).map {
            DrawnTrial(config: $0, stages: SweepPlanner.stages(of: $0, search.searcher.definition))
        }
    }

    func stops(_ curves: [DrawnCurve]) -> Set<String> {
        guard let stopping else { return [] }
        return Set(
            stopping.stops(
                curves.map { RunCurve(run: $0.handle, isRunning: $0.state == .running, values: $0.values) }))
    }
}
