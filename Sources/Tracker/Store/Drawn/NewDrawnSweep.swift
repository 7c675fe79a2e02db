package import Experiment

/// A sweep to be drawn from, as a client defines it.
package struct NewDrawnSweep: Sendable {
    package var project: String
    /// Nil: the sweep's id.
    package var name: String?
    package var method: String
    package var description: String?
    package var definition: String
    package var metric: String?
    package var goal: Goal
    /// Parameters of the top level with more than one value.
    package var variedKeys: [String]
    /// Handles of runs of the project that the search shall know as if they were its own.
    package var priorRuns: [String]

    package init(
        project: String, name: String?, method: String, description: String?, definition: String, metric: String?,
        goal: Goal, variedKeys: [String], priorRuns: [String] = []
    ) {
        self.project = project
        self.name = name
        self.method = method
        self.description = description
        self.definition = definition
        self.metric = metric
        self.goal = goal
        self.variedKeys = variedKeys
        self.priorRuns = priorRuns
    }
}
