package import Experiment

/// Which configurations did best by a metric.
package struct BestQuery: Sendable, Hashable {
    /// Which of a run's values of the metric counts. Values that a later attempt replaced never do.
    package enum Aggregate: String, Sendable, CaseIterable {
        /// The one logged last, or what the run wrote to its summary after that.
        case last
        case min
        case max
        /// Of the last values, ``BestQuery/lastCount`` of them.
        case mean
    }

    /// Id or name of a sweep; with ``project`` nil too, all runs compete.
    package var sweep: String?
    package var project: String?
    /// Which of these runs compete.
    package var filter: RunPredicate
    package var metric: String
    /// Nil: the sweep's own goal where `metric` is its metric, else minimize.
    package var goal: Goal?
    package var aggregate: Aggregate
    /// How many values ``Aggregate/mean`` is taken of.
    package var lastCount: Int
    /// Config keys; runs that agree in them are averaged. Empty: every run for itself.
    package var groupBy: [String]
    package var limit: Int

    package init(
        sweep: String? = nil, project: String? = nil, filter: RunPredicate = .all([]), metric: String,
        goal: Goal? = nil, aggregate: Aggregate = .last, lastCount: Int = 10, groupBy: [String] = [], limit: Int = 10
    ) {
        self.sweep = sweep
        self.project = project
        self.filter = filter
        self.metric = metric
        self.goal = goal
        self.aggregate = aggregate
        self.lastCount = lastCount
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
