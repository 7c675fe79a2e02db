package import Experiment

/// A run of a drawn sweep, as its search sees it.
package struct DrawnRun: Sendable, Hashable {
    package var handle: String
    package var state: RunState
    package var config: [String: JSONValue]
    /// Of the sweep's metric over its history and summary, finite values only.
    package var minimum: Double?
    package var maximum: Double?
    package var latest: Double?
    /// The same of the sweep's other metrics, where it has several.
    package var others: [Metric] = []

    package struct Metric: Sendable, Hashable {
        package var minimum: Double?
        package var maximum: Double?
        package var latest: Double?
    }
}
