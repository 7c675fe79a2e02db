import Experiment
import SweepDefinition
import SweepSearch
import Synchronization
import TrackerStore

/// The search of a sweep whose trials are stages.
final class PlannedSearch: TrialSearching {
    let cache = TrialCache()
    private let search: DrawnSearch
    /// The trials as the search saw them last: most never change again.
    private let past = Mutex<[PastRun]>([])
    private let stopping: EarlyStopping?

    init(_ source: SearchSource) throws {
        var search = try DrawnSearch(id: source.id, definition: Definition(text: source.definition, file: source.file))
        // The store has the limit, which may have been raised since.
        search.searcher.isLimited = false
        self.search = search
        stopping = EarlyStopping(search.searcher.definition)
    }

    var otherMetrics: [String] { search.otherMetrics }

    func next(after trials: [DrawnRun], number: Int) throws -> DrawnTrial? {
        search.next(after: runs(trials), number: number - 1).map {
            DrawnTrial(config: $0, stages: SweepPlanner.stages(of: $0, search.searcher.definition))
        }
    }

    private func runs(_ trials: [DrawnRun]) -> [PastRun] {
        past.withLock { past in
            past.removeLast(max(0, past.count - trials.count))
            for (index, trial) in trials.enumerated() {
                // A run's id is of this trial alone, whose configuration never changes.
                if index < past.count, past[index].shows(trial) { continue }
                let run = search.searcher.placed(PastRun(trial))
                if index < past.count { past[index] = run } else { past.append(run) }
            }
            return past
        }
    }

    func stops(_ curves: [DrawnCurve]) -> Set<String> {
        guard let stopping else { return [] }
        return Set(
            stopping.stops(
                curves.map { RunCurve(run: $0.handle, isRunning: $0.state == .running, values: $0.values) }))
    }
}

extension PastRun {
    fileprivate func shows(_ trial: DrawnRun) -> Bool {
        id == trial.handle && state == trial.state && ranges.count == 1 + trial.others.count
            && ranges[0] == Range(minimum: trial.minimum, maximum: trial.maximum, latest: trial.latest)
            && zip(ranges.dropFirst(), trial.others).allSatisfy {
                $0 == Range(minimum: $1.minimum, maximum: $1.maximum, latest: $1.latest)
            }
    }
}
