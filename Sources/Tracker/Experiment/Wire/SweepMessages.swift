/// `POST /api/v1/sweeps`: the definition's text; the tracker expands and stores it.
///
/// A sweep of the same name and definition is continued; stages of it that failed are pending again when all else is
/// over.
package struct CreateSweepRequest: Codable, Sendable, Hashable {
    package var definition: String
    /// Name of the definition's file, for messages.
    package var file: String?
    /// Start another sweep even where one of the same name and definition exists.
    package var new: Bool

    package init(definition: String, file: String? = nil, new: Bool = false) {
        self.definition = definition
        self.file = file
        self.new = new
    }
}

package struct CreateSweepResponse: Codable, Sendable, Hashable {
    package var sweep: SweepSummary
    /// False when an existing sweep is continued (or is finished already).
    package var created: Bool

    package init(sweep: SweepSummary, created: Bool) {
        self.sweep = sweep
        self.created = created
    }
}
