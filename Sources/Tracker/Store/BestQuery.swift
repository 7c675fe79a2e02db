package import Experiment

/// Which configurations did best by a metric.
package struct BestQuery: Sendable, Hashable {
    /// Which of a run's values of the metric counts.
    package enum Aggregate: String, Sendable, CaseIterable {
        case last
        case min
        case max
    }

    /// Id or name of a sweep; with ``project`` nil too, all runs compete.
    package var sweep: String?
    package var project: String?
    package var metric: String
    /// Nil: the sweep's own goal where `metric` is its metric, else minimize.
    package var goal: Goal?
    package var aggregate: Aggregate
    /// Config keys; runs that agree in them are averaged. Empty: every run for itself.
    package var groupBy: [String]
    package var limit: Int

    package init(
        sweep: String? = nil, project: String? = nil, metric: String, goal: Goal? = nil, aggregate: Aggregate = .last,
        groupBy: [String] = [], limit: Int = 10
    ) {
        self.sweep = sweep
        self.project = project
        self.metric = metric
        self.goal = goal
        self.aggregate = aggregate
        self.groupBy = groupBy
        self.limit = limit
    }
}

/// A place in the ranking: a run, or a group of runs.
package struct BestRow: Codable, Sendable, Hashable {
    /// Counts from 1.
    package var rank: Int
    /// The run's value, or the mean of the group's.
    package var value: Double
    /// Sample standard deviation (n - 1) of a group of two or more.
    package var standardDeviation: Double?
    package var count: Int
    /// The run, or the group's best run.
    package var run: RunID
    package var name: String
    /// The keys that vary between the runs compared, or those grouped by.
    package var config: [String: JSONValue]
}
