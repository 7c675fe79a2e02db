import Experiment

extension TrackerStore {
    /// The run of that id, else the only one that scripts of its project call so.
    package func run(called name: String) async throws -> ClientRun {
        if let run = try await clientRun(id: name) { return run }
        let found = try await selectedRuns(matching: .equals(.column(.handle), .string(name)), limit: 2)
        guard let first = found.first, let run = try await clientRun(id: first.id.rawValue) else {
            throw StoreError(.unknownRun, "there is no run '\(name.prefix(200))'; see `tracker runs`")
        }
        guard found.count == 1 else {
            let ids = found.map(\.id.rawValue).joined(separator: ", ")
            throw StoreError(.invalidQuery, "several projects have a run '\(name)'; give its id in the tracker: \(ids)")
        }
        return run
    }
}
