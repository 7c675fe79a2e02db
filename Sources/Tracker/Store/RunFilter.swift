package import Experiment

/// Which runs to list; what is nil does not restrict.
package struct RunFilter: Sendable, Hashable {
    package var project: String?
    /// Id of a sweep, or its name: the newest sweep of that name.
    package var sweep: String?
    package var state: RunState?
    package var jobType: String?
    package var limit: Int

    package init(
        project: String? = nil, sweep: String? = nil, state: RunState? = nil, jobType: String? = nil, limit: Int = 1000
    ) {
        self.project = project
        self.sweep = sweep
        self.state = state
        self.jobType = jobType
        self.limit = limit
    }
}
