/// Tokens of any modalities, each with its modality's index and its position within that modality.
package struct TokenSequence: Sendable, Hashable {
    package private(set) var modality: [Int32] = []
    package private(set) var position: [Int32] = []
    package private(set) var token: [Int32] = []

    package init() {}

    /// Throws unless the three arrays have equal lengths.
    package init(modality: [Int32], position: [Int32], token: [Int32]) throws(TransformerError) {
        guard modality.count == position.count, modality.count == token.count else {
            throw TransformerError(
                .invalidBatch,
                "modality, position and token need equal lengths, not \(modality.count), \(position.count) and "
                    + "\(token.count)")
        }
        self.modality = modality
        self.position = position
        self.token = token
    }

    package var count: Int { token.count }

    package mutating func append(modality: Int32, position: Int32, token: Int32) {
        self.modality.append(modality)
        self.position.append(position)
        self.token.append(token)
    }

    package mutating func append(_ other: TokenSequence) {
        modality += other.modality
        position += other.position
        token += other.token
    }
}
