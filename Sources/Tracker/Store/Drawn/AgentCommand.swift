package import Experiment

/// What an agent is told to do.
package enum AgentCommand: Sendable, Hashable {
    case run(handle: String, config: [String: JSONValue])
    case stop(handle: String)
    /// There is nothing more to run.
    case exit
}
