package import Experiment

/// What has changed of a run since somebody last looked.
package struct RunChange: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, Comparable {
        case deleted, points, state, summary, settings, files, console, alert

        package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    package var run: RunID
    package var project: String
    /// Sorted, each once.
    package var changed: [Kind]
    /// The highest step of the points among what changed.
    package var step: Int64?
}
