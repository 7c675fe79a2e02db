package import Experiment

/// How the next trial of a sweep is found and planned; handed in, because the store knows no search.
package protocol TrialSearching: Sendable {
    /// Configs of trials, which never change, kept between calls.
    var cache: TrialCache { get }

    /// Metrics beside the sweep's first that the search looks at.
    var otherMetrics: [String] { get }

    /// The next trial, or nil when there is none; `number` counts from 1. The same `trials` and `number` give the same
    /// answer.
    func next(after trials: [DrawnRun], number: Int) throws -> DrawnTrial?

    /// Handles of the running runs that should end early.
    func stops(_ curves: [DrawnCurve]) -> Set<String>
}

/// What a search is made of.
package struct SearchSource: Sendable, Hashable {
    /// Of the sweep.
    package var id: String
    /// The definition's name, for messages.
    package var file: String
    package var definition: String
}

package typealias TrialSearchMaker = @Sendable (SearchSource) throws -> any TrialSearching

/// A trial as it was drawn, with the plans of all its stages.
package struct DrawnTrial: Sendable, Hashable {
    package var config: [String: JSONValue]
    /// First to last.
    package var stages: [StagePlan]

    package init(config: [String: JSONValue], stages: [StagePlan]) {
        self.config = config
        self.stages = stages
    }
}
