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

    /// Tokens that stand for nothing.
    init(filling count: Int) {
        let zeros = [Int32](repeating: 0, count: count)
        (modality, position, token) = (zeros, zeros, zeros)
    }

    package var count: Int { token.count }

    package mutating func append(modality: Int32, position: Int32, token: Int32) {
        self.modality.append(modality)
        self.position.append(position)
        self.token.append(token)
    }

    func part(_ range: Range<Int>) -> TokenSequence {
        var part = TokenSequence()
        part.modality = Array(modality[range])
        part.position = Array(position[range])
        part.token = Array(token[range])
        return part
    }

    /// With each modality's offsets added, where there are any.
    func shifted(tokens: [Int32]?, positions: [Int32]?) -> TokenSequence {
        var shifted = self
        if let tokens { shifted.token = zip(modality, token).map { tokens[Int($0)] + $1 } }
        if let positions { shifted.position = zip(modality, position).map { positions[Int($0)] + $1 } }
        return shifted
    }

    package mutating func append(_ other: TokenSequence) {
        modality += other.modality
        position += other.position
        token += other.token
    }
}
