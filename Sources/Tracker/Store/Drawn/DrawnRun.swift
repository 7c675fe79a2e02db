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
}
