package import Experiment
package import Foundation
package import TrackerStore

/// Makes room: files of runs that are not among the best of their sweep, and runs that ended long ago.
package enum Prune {
    /// What is, or would be, removed.
    package struct Plan: Codable, Sendable, Hashable {
        /// Runs deleted with everything they logged.
        package var runs: [RunID] = []
        /// Runs that keep their history and lose checkpoints and uploaded files.
        package var files: [RunID] = []
        package var bytes = 0

        package init() {}
    }

    /// Runs of `project` (nil: of all) that ended before `date`.
    package static func ended(
        before date: Date, project: String?, store: TrackerStore, home: SagaHome
    ) async throws -> Plan {
        var plan = Plan()
        plan.runs = try await store.runs(RunFilter(project: project, limit: Int(Int32.max)))
            .filter { $0.state.isFinal && ($0.finished ?? $0.created) < date }.map(\.id)
        plan.bytes = plan.runs.reduce(0) { $0 + bytes(of: $1, home) }
        return plan
    }

    /// Runs of a sweep that have ended and whose `metric` is not among the best `count`; those without it are kept.
    package static func allButBest(
        _ count: Int, of sweep: String, metric: String, goal: Goal, store: TrackerStore, home: SagaHome
    ) async throws -> Plan {
        let runs = try await store.runs(RunFilter(sweep: sweep, limit: Int(Int32.max)))
        var ranked: [(run: RunSummary, value: Double)] = []
        for run in runs {
            if let value = run.summary[metric]?.number, !value.isNaN { ranked.append((run, value)) }
        }
        ranked.sort { left, right in
            if left.value == right.value { return left.run.created < right.run.created }
            return (left.value < right.value) == (goal == .minimize)
        }
        var plan = Plan()
        plan.files = ranked.dropFirst(max(0, count)).map(\.run).filter { $0.state.isFinal }.map(\.id)
        plan.bytes = plan.files.reduce(0) { $0 + bytes(of: $1, home) }
        return plan
    }

    /// Does what a plan says.
    package static func apply(_ plan: Plan, store: TrackerStore, home: SagaHome) async throws {
        for run in plan.files {
            try await store.forgetFiles(of: run)
            for folder in folders(of: run, home) { try? FileManager.default.removeItem(atPath: folder) }
        }
        for run in plan.runs {
            try await store.deleteRuns([run])
            for folder in folders(of: run, home) { try? FileManager.default.removeItem(atPath: folder) }
        }
    }

    /// What grows: uploaded files and checkpoints. Settings and logs of a run stay with it.
    private static func folders(of run: RunID, _ home: SagaHome) -> [String] {
        [home.files + "/" + run.rawValue, home.runDirectory(run) + "/checkpoints"]
    }

    private static func bytes(of run: RunID, _ home: SagaHome) -> Int {
        folders(of: run, home).reduce(0) { sum, folder in
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return names.reduce(sum) { sum, name in
                var status = stat()
                let isFile = lstat(folder + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                return sum + (isFile ? Int(status.st_size) : 0)
            }
        }
    }
}
