package import Experiment

/// How the next configuration of a sweep is found; handed in, because the store knows no search.
package protocol SweepSearching: Sendable {
    /// Whether runs that are lost leave a gap which another run has to fill.
    var fillsGaps: Bool { get }

    /// Metrics beside the sweep's first that the search looks at.
    var otherMetrics: [String] { get }

    /// The next configuration, or nil when there is none; `number` counts the sweep's draws from 0. The same `runs` and
    /// `number` give the same configuration.
    func next(after runs: [DrawnRun], number: Int) -> [String: JSONValue]?
}
