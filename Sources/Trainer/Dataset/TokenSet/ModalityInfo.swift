/// A modality of a token set: its name, tokens a clip and number of different tokens.
package struct ModalityInfo: Sendable, Hashable, Codable {
    /// `image`, `pseudo-depth`, `audio`, `video` or `label`.
    package let name: String
    /// Tokens of one clip.
    package let length: Int
    /// Token ids lie in `0..<vocabularySize`.
    package let vocabularySize: Int

    package init(name: String, length: Int, vocabularySize: Int) {
        self.name = name
        self.length = length
        self.vocabularySize = vocabularySize
    }
}

/// The two parts of a token set; no eval clip shares material with a train clip.
package enum Split: String, Sendable, Hashable, CaseIterable, Codable {
    case train
    case eval
}
