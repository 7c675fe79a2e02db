/// Mean curves of runs' metrics, one for each combination of some config keys.
package struct CompareQuery: Sendable, Hashable {
    package enum Axis: String, Sendable, CaseIterable {
        case step
        /// Millions of tokens seen: the `total_tokens_seen_m` that was logged in the same row.
        case tokens
        /// Whole seconds since the run's start.
        case time
    }

    /// Id or name of a sweep; with ``project`` nil too, all runs are compared.
    package var sweep: String?
    package var project: String?
    /// Which of these runs are compared.
    package var filter: RunPredicate
    package var metrics: [String]
    /// Config keys that tell curves apart; runs that agree in them (seeds) are averaged.
    package var by: [String]
    package var axis: Axis
    /// Weight of the past in each run's moving average, from 0 (none) to below 1; see ``smoothed(_:weight:)``.
    package var smoothing: Double
    /// Labels of some of the `by` keys; every curve is compared with the one that has these and its own other keys.
    package var baseline: [String: String]

    package init(
        sweep: String? = nil, project: String? = nil, filter: RunPredicate = .all([]), metrics: [String],
        by: [String], axis: Axis = .step, smoothing: Double = 0, baseline: [String: String] = [:]
    ) {
        self.sweep = sweep
        self.project = project
        self.filter = filter
        self.metrics = metrics
        self.by = by
        self.axis = axis
        self.smoothing = smoothing
        self.baseline = baseline
    }
}

/// A point of a mean curve.
package struct CurvePoint: Codable, Sendable, Hashable {
    package var metric: String
    /// Labels of the `by` keys, in their order (see `JSONValue.label`).
    package var keys: [String]
    package var x: Double
    /// Over runs.
    package var mean: Double
    /// Sample standard deviation (n - 1) over two or more runs.
    package var standardDeviation: Double?
    package var count: Int
    /// The baseline curve's mean at the same x.
    package var baseline: Double?
    /// `mean - baseline`.
    package var difference: Double?
}
