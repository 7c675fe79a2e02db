package import Experiment

/// What a search needs to know of a run of the sweep.
package struct PastRun: Sendable, Hashable {
    package var id: String
    package var state: RunState
    package var config: [String: JSONValue]
    /// Its agent is gone and it will never end: a grid hands its configuration out again.
    package var isLost: Bool
    /// Of the sweep's metric, over history and summary; nil where it has no finite value.
    package var minimum: Double?
    package var maximum: Double?
    package var latest: Double?

    package init(
        id: String, state: RunState, config: [String: JSONValue], isLost: Bool = false, minimum: Double? = nil,
        maximum: Double? = nil, latest: Double? = nil
    ) {
        self.id = id
        self.state = state
        self.config = config
        self.isLost = isLost
        self.minimum = minimum
        self.maximum = maximum
        self.latest = latest
    }

    /// The value that speaks most for the run.
    func best(_ goal: Goal) -> Double? { goal == .minimize ? minimum : maximum }
    func worst(_ goal: Goal) -> Double? { goal == .minimize ? maximum : minimum }
}
