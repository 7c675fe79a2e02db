import Experiment
import TrackerStore

extension TrackerRequestContext {
    /// Throws unless the request's principal may do what needs `role` in `project` (nil: in the tracker as a whole).
    func require(_ role: AccessRole, project: String?) throws(APIError) {
        if let refusal = principal.refusal(role, project: project) { throw refusal }
    }

    /// The project of a run, if the principal may do what needs `role` there; a run of a project that it may not see
    /// is as unknown as one that does not exist.
    @discardableResult
    func require(_ role: AccessRole, run: RunID, in store: TrackerStore) async throws -> String {
        let project = try await store.project(ofRun: run)
        guard principal.onlyProject.map({ $0 == project }) ?? true else { throw TrackerStore.unknownRun(run) }
        try require(role, project: project)
        return project
    }

    /// The same for a sweep, by its id or name: the answer's id names it without doubt.
    func require(
        _ role: AccessRole, sweep: String, in store: TrackerStore
    ) async throws -> SweepPlace {
        let found = try await store.sweepPlace(idOrName: sweep, project: principal.onlyProject)
        try require(role, project: found.project)
        return found
    }

    /// The project to restrict a list to (nil: none), where `wanted` is asked for; throws where the principal may see
    /// nothing of that.
    func visible(project wanted: String?) throws(APIError) -> String? {
        let project = wanted ?? principal.onlyProject
        try require(.read, project: project)
        return project
    }
}
