/// Mean curves of a sweep's metrics, one for each combination of some config keys.
package struct CompareQuery: Sendable, Hashable {
    package enum Axis: String, Sendable, CaseIterable {
        case step
        /// Millions of tokens seen: the `total_tokens_seen_m` that was logged in the same row.
        case tokens
        /// Whole seconds since the run's start.
        case time
    }

    /// Id or name.
    package var sweep: String
    package var metrics: [String]
    /// Config keys that tell curves apart; runs that agree in them (seeds) are averaged.
    package var by: [String]
    package var axis: Axis
    /// Labels of some of the `by` keys; every curve is compared with the one that has these and its own other keys.
    package var baseline: [String: String]

    package init(
        sweep: String, metrics: [String], by: [String], axis: Axis = .step, baseline: [String: String] = [:]
    ) {
        self.sweep = sweep
        self.metrics = metrics
        self.by = by
        self.axis = axis
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
