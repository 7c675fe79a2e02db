package import Experiment
package import FoundationEssentials

/// A run as the tracker knows it.
package struct RunSummary: Codable, Sendable, Hashable {
    package var id: RunID
    package var project: String
    /// Name shown to people; the id where nobody chose one.
    package var name: String
    package var group: String?
    /// Id of the sweep that the run belongs to.
    package var sweep: String?
    package var jobType: String?
    package var state: RunState
    package var config: [String: JSONValue]
    /// What the run wrote to its summary, and the last value of every metric.
    package var summary: [String: JSONValue]
    package var tags: [String]
    package var host: String?
    /// The latest attempt that has sent a record; 0 before the first.
    package var attempt: Int
    package var exitCode: Int32?
    package var message: String?
    package var created: Date
    package var started: Date?
    package var finished: Date?
}
