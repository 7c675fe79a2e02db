package import Experiment

/// A file that a run has registered.
package struct StoredFile: Codable, Sendable, Hashable {
    package var run: RunID
    package var runName: String
    package var attempt: Int
    package var file: RunFile
}
