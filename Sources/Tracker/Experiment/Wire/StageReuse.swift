/// `POST /api/v1/sweeps/reuse`: which of these stages has the project done already?
package struct ReuseRequest: Codable, Sendable, Hashable {
    package var project: String
    package var keys: [String]

    package init(project: String, keys: [String]) {
        self.project = project
        self.keys = keys
    }
}

/// A stage that some sweep of the project has done and told the digest of what it made, the newest where there are
/// several.
///
/// What the record says is a hint: the directory may be gone or on another machine, and its content damaged.
package struct StageReuse: Codable, Sendable, Hashable {
    package var key: String
    /// Name of the sweep that did it.
    package var sweepName: String
    package var run: RunID
    package var directory: String
    /// SHA-256 of what the stage made, as its launcher reported it.
    package var artefact: String

    package init(key: String, sweepName: String, run: RunID, directory: String, artefact: String) {
        self.key = key
        self.sweepName = sweepName
        self.run = run
        self.directory = directory
        self.artefact = artefact
    }
}

/// `GET /api/v1/sweeps/unneeded?project=P` gives an array of these: run directories that nothing needs any more.
///
/// Never among them: what an unfinished sweep has or still has to read, and runs that carry a tag.
package struct UnneededRun: Codable, Sendable, Hashable {
    package var run: RunID
    package var directory: String
    package var stage: String
    package var title: String
    package var sweepName: String

    package init(run: RunID, directory: String, stage: String, title: String, sweepName: String) {
        self.run = run
        self.directory = directory
        self.stage = stage
        self.title = title
        self.sweepName = sweepName
    }
}
