/// What a client changes of an artifact; nil leaves as it is.
package struct ArtifactEdit: Sendable {
    package var description: String?
    package var metadata: String?
    package var tagsToAdd: [String]
    package var tagsToDelete: [String]

    package init(
        description: String? = nil, metadata: String? = nil, tagsToAdd: [String] = [], tagsToDelete: [String] = []
    ) {
        self.description = description
        self.metadata = metadata
        self.tagsToAdd = tagsToAdd
        self.tagsToDelete = tagsToDelete
    }
}
