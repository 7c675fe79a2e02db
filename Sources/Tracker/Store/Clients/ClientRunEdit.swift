package import Experiment

/// What a client sets of a run; nil leaves things as they are.
package struct ClientRunEdit: Sendable {
    package var name: String?
    package var group: String?
    package var jobType: String?
    package var sweep: String?
    package var notes: String?
    package var details: String?
    package var tags: [String]?
    package var host: String?
    package var program: String?
    package var username: String?
    /// The whole config, without the client's own part.
    package var config: [String: JSONValue]?
    /// The client's own part of the config (`_wandb`), whole.
    package var clientConfig: [String: JSONValue]?
    /// The whole summary.
    package var summary: [String: JSONValue]?
    /// Merged, key by key.
    package var code: [String: JSONValue] = [:]
    /// Whether a process begins, or goes on with, the run: it is running from now on and not to be stopped.
    package var isStart = false

    package init() {}

    func check() throws(StoreError) {
        for (value, what) in [
            (group, "the group"), (jobType, "the job type"), (sweep, "the sweep"), (username, "the user's name"),
        ] {
            if let value, !value.isEmpty { try IngestLimits.check(name: value, what) }
        }
        for (value, what) in [
            (name, "the run's name"), (notes, "the notes"), (details, "the description"), (host, "the host"),
            (program, "the program"),
        ] {
            if let value { try IngestLimits.check(text: value, what) }
        }
        guard (tags ?? []).count <= IngestLimits.tags else {
            throw StoreError(.tooLarge, "a run has at most \(IngestLimits.tags) tags")
        }
        for tag in tags ?? [] { try IngestLimits.check(name: tag, "a tag") }
        if let config { try IngestLimits.check(config, "the config") }
        if let summary { try IngestLimits.check(summary, "the summary") }
        try IngestLimits.check(code, "the code state")
    }
}
