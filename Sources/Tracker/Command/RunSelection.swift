import ArgumentParser
import Experiment
import TrackerStore

/// Which runs a command is about.
struct RunSelection: ParsableArguments {
    @Option(help: "Only runs of this project.")
    var project: String?

    @Option(help: "Only runs of this sweep: its name or id.")
    var sweep: String?

    @Option(name: .customLong("run"), help: ArgumentHelp("Only this run; may be repeated.", valueName: "id"))
    var runs: [String] = []

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only runs for which this is so, as 'config.lr<0.01 and state=finished and tags=even'.",
            discussion: """
                Fields: config.KEY, summary.KEY, run, name, project, state, group, job, sweep, tags, user, notes, host, \
                created, started, finished, duration (seconds). Comparisons: = != < <= > >= ~ !~ (regular expression), \
                in (a, b), exists; joined by and, or, not and brackets.
                """, valueName: "condition"))
    var condition: String?

    @Option(help: ArgumentHelp("Only runs that this filter of W&B's API selects, in JSON.", valueName: "json"))
    var filter: String?

    /// Whether it selects every run.
    var isEmpty: Bool { project == nil && sweep == nil && runs.isEmpty && condition == nil && filter == nil }

    /// A sweep's runs are those that it made and those of other sweeps that stand for its stages; `own`: only the former,
    /// for what must not reach another sweep's.
    func predicate(in store: TrackerStore, own: Bool = false) async throws -> RunPredicate {
        var parts: [RunPredicate] = []
        if let project { parts.append(.equals(.column(.project), .string(project))) }
        if let sweep {
            parts.append(
                own
                    ? .equals(.column(.sweep), .string(try await store.sweep(idOrName: sweep).id))
                    : try await store.predicate(runsOf: sweep))
        }
        if !runs.isEmpty { parts.append(.any(try await RunSelection.predicates(of: runs, in: store))) }
        if let condition { parts.append(try RunPredicate(words: condition)) }
        if let filter { parts.append(try RunPredicate(wandb: filter)) }
        return .all(parts)
    }

    /// Every run selected, oldest first.
    func select(in store: TrackerStore, own: Bool = false) async throws -> [SelectedRun] {
        try await store.selectedRuns(
            matching: try await predicate(in: store, own: own), order: RunOrder(), limit: .max)
    }

    /// Refuses runs that there are not.
    private static func predicates(of runs: [String], in store: TrackerStore) async throws -> [RunPredicate] {
        var predicates: [RunPredicate] = []
        for run in runs {
            predicates.append(.equals(.column(.id), .string(try await store.run(called: run).id.rawValue)))
        }
        return predicates
    }
}
