/// The tokenizers of a token set, from the folder `NAME.tokenizers`.
package struct TokenizerBundle: Sendable {
    package let directory: String

    package static func open(_ directory: String) throws(DatasetError) -> TokenizerBundle {
        throw DatasetError(.missingFile, "there are no tokenizers in \(directory): run 'trainer prepare' again")
    }

    /// The picture of an image or pseudo-depth clip's tokens.
    package func decodeImage(modality: String, tokens: [Int32]) throws(DatasetError) -> Image {
        throw DatasetError(.wrongTokens, "\(modality) is no picture")
    }

    /// The nine frames of a video clip's tokens.
    package func decodeVideo(tokens: [Int32]) throws(DatasetError) -> [Image] {
        throw DatasetError(.wrongTokens, "no video")
    }

    /// Five seconds of mono sound in [-1, 1] at ``audioSampleRate``.
    package func decodeAudio(tokens: [Int32]) throws(DatasetError) -> [Float] {
        throw DatasetError(.wrongTokens, "no sound")
    }

    package static let audioSampleRate = 24_000
}
