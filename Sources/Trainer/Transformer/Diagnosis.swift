/// Where a loss or a gradient that is no finite number comes from.
package struct Diagnosis: Sendable, Hashable {
    /// Modality of the first token that is concerned.
    package var modality: String?
    /// The first tensor, in the order of computation, that has a value which is no finite number.
    package var tensor: String?
    /// As `the loss of audio`.
    package var subject: String

    package var sentence: String {
        guard let tensor else { return "every tensor is finite when computed again" }
        let token = modality.map { " (a token of \($0))" } ?? ""
        return "the first that is not finite is \(tensor)\(token)"
    }
}
