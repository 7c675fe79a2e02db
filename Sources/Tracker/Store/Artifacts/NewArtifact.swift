/// An artifact as a client announces it, before it sends the files.
package struct NewArtifact: Sendable {
    package var project: String
    package var type: String
    package var collection: String
    package var digest: String
    package var aliases: [String]
    package var tags: [String]
    package var description: String?
    package var metadata: String?
    /// Handle of the run that logs it.
    package var run: String?
    package var historyStep: Int64?
    package var clientID: String?
    /// A committed one with the same digest is taken instead.
    package var takesEqual: Bool

    package init(
        project: String, type: String, collection: String, digest: String, aliases: [String] = [],
        tags: [String] = [], description: String? = nil, metadata: String? = nil, run: String? = nil,
        historyStep: Int64? = nil, clientID: String? = nil, takesEqual: Bool = true
    ) {
        self.project = project
        self.type = type
        self.collection = collection
        self.digest = digest
        self.aliases = aliases
        self.tags = tags
        self.description = description
        self.metadata = metadata
        self.run = run
        self.historyStep = historyStep
        self.clientID = clientID
        self.takesEqual = takesEqual
    }
}
