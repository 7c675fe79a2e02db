package import Experiment

/// What became of one run that was brought along.
package struct ImportedRun: Sendable, Hashable {
    package var project: String
    /// Its id within the project.
    package var handle: String
    /// Its id in the tracker.
    package var run: RunID
    package var name: String?
    /// Log calls in its history.
    package var rows = 0
    package var files = 0
    /// Pieces that were damaged or cut off and are missing: of a log, and files that cannot be kept.
    package var skipped = 0
    /// Whether the tracker had it before.
    package var wasKnown = false

    init(project: String, handle: String, run: RunID, name: String?) {
        self.project = project
        self.handle = handle
        self.run = run
        self.name = name
    }
}
