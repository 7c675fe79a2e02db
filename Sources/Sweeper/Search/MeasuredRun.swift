package import Experiment
package import FoundationEssentials

/// A finished run of the record, as far as it tells how long such a run takes.
package struct MeasuredRun: Codable, Sendable, Hashable {
    package var config: [String: JSONValue]
    package var attempt: Int
    package var started: Date?
    package var finished: Date?

    package init(config: [String: JSONValue], attempt: Int, started: Date?, finished: Date?) {
        self.config = config
        self.attempt = attempt
        self.started = started
        self.finished = finished
    }

    /// Nil where it was interrupted: what lies between two attempts is no work.
    var seconds: Double? {
        guard attempt <= 1, let started, let finished, finished > started else { return nil }
        return finished.timeIntervalSince(started)
    }
}
