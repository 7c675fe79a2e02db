package import Experiment
package import FoundationEssentials

/// A run with everything that W&B's clients may ask of it beside its history.
package struct ClientRun: Sendable {
    /// Its key in the table `runs`.
    package var number: Int32
    /// Unique in the tracker.
    package var id: RunID
    /// Unique within its project: what scripts call it by.
    package var handle: String
    package var project: String
    package var name: String?
    package var group: String?
    package var sweep: String?
    package var jobType: String?
    package var state: RunState
    package var config: StoredJSON
    package var clientConfig: StoredJSON
    package var summary: StoredJSON
    package var code: StoredJSON
    package var tags: [String]
    package var notes: String?
    package var details: String?
    package var host: String?
    package var program: String?
    package var username: String?
    package var attempt: Int
    package var isStopRequested: Bool
    package var created: Date
    package var started: Date?
    package var finished: Date?
    package var heartbeat: Date?
}

/// A JSON object as the database holds it, parsed when it is looked into.
package struct StoredJSON: Sendable, Hashable {
    package let text: String

    package var members: [String: JSONValue] { (try? JSONParser.parse(text))?.object ?? [:] }
}
