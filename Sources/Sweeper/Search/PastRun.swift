package import Experiment

/// What a search needs to know of a run of the sweep.
package struct PastRun: Sendable, Hashable {
    /// Of one metric, over history and summary; nil where it has no finite value.
    package struct Range: Sendable, Hashable {
        package var minimum: Double?
        package var maximum: Double?
        package var latest: Double?

        package init(minimum: Double? = nil, maximum: Double? = nil, latest: Double? = nil) {
            // A search cannot calculate with what is not finite.
            self.minimum = minimum.flatMap { $0.isFinite ? $0 : nil }
            self.maximum = maximum.flatMap { $0.isFinite ? $0 : nil }
            self.latest = latest.flatMap { $0.isFinite ? $0 : nil }
        }

        /// The value that speaks most for the run.
        func best(_ goal: Goal) -> Double? { goal == .minimize ? minimum : maximum }
        func worst(_ goal: Goal) -> Double? { goal == .minimize ? maximum : minimum }
    }

    package var id: String
    package var state: RunState
    package var config: [String: JSONValue]
    /// Its agent is gone and it will never end: a grid hands its configuration out again.
    package var isLost: Bool
    /// Of each of the sweep's metrics, in the definition's order.
    package var ranges: [Range]
    /// Where `config` lies in the search's space, where that was worked out before: see ``SweepSearcher/placed(_:)``.
    var place: [Double]?

    package init(
        id: String, state: RunState, config: [String: JSONValue], isLost: Bool = false, ranges: [Range]
    ) {
        self.id = id
        self.state = state
        self.config = config
        self.isLost = isLost
        self.ranges = ranges
    }

    /// Of a sweep with one metric.
    package init(
        id: String, state: RunState, config: [String: JSONValue], isLost: Bool = false, minimum: Double? = nil,
        maximum: Double? = nil, latest: Double? = nil
    ) {
        self.init(
            id: id, state: state, config: config, isLost: isLost,
            ranges: [Range(minimum: minimum, maximum: maximum, latest: latest)])
    }

    func range(_ index: Int) -> Range { ranges.indices.contains(index) ? ranges[index] : Range() }
    package var minimum: Double? { range(0).minimum }
    package var maximum: Double? { range(0).maximum }
}
