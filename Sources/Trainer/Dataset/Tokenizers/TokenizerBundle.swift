/// The tokenizers of a token set: one for each modality.
package struct TokenizerBundle: Sendable {
    package static let audioSampleRate = 24_000
    /// The modality of the picture in smaller patches.
    package static let fineImage = "image_fine"

    let format: MediaFormat
    let image: PatchTokenizer
    /// The same picture in smaller patches: with ``image`` a pair to learn super-resolution from.
    let fineImage: PatchTokenizer?
    let depth: PatchTokenizer
    let video: VideoTokenizer
    let audio: AudioTokenizer
    /// Label names; a clip's label token is an index into them.
    package let labels: [String]

    /// The modalities in the order that token sets have them.
    package var modalities: [ModalityInfo] {
        func pictures(_ name: String, _ tokenizer: PatchTokenizer) -> ModalityInfo {
            ModalityInfo(name: name, length: tokenizer.length, vocabularySize: tokenizer.quantizer.vocabularySize)
        }
        let fine = fineImage.map { [pictures(TokenizerBundle.fineImage, $0)] } ?? []
        return [pictures("image", image)] + fine + [
            pictures("pseudo-depth", depth),
            ModalityInfo(name: "audio", length: audio.length, vocabularySize: audio.vocabularySize),
            ModalityInfo(name: "video", length: video.length, vocabularySize: video.vocabularySize),
            ModalityInfo(name: "label", length: 1, vocabularySize: max(1, labels.count)),
        ]
    }

    /// Tokens of a clip by modality.
    func encode(_ media: ClipMedia, label: String) -> [String: [Int32]] {
        var tokens = [
            "image": image.encode(media.middleFrame),
            "pseudo-depth": depth.encode(media.pseudoDepth),
            "audio": audio.encode(media.sound),
            "video": video.encode(media.frames),
            "label": [Int32(labels.firstIndex(of: label) ?? 0)],
        ]
        tokens[TokenizerBundle.fineImage] = fineImage?.encode(media.middleFrame)
        return tokens
    }

    /// The picture of an image's or a pseudo-depth map's tokens.
    package func decodeImage(modality: String, tokens: [Int32]) throws(DatasetError) -> Image {
        let side = format.side
        try check(tokens, of: modality)
        switch (modality, fineImage) {
        case ("image", _):
            return Image(width: side, height: side, pixels: image.decode(tokens))
        case (TokenizerBundle.fineImage, let fineImage?):
            return Image(width: side, height: side, pixels: fineImage.decode(tokens))
        case ("pseudo-depth", _):
            return TokenizerBundle.grey(depth.decode(tokens), side: side)
        default:
            throw DatasetError(.wrongTokens, "\(modality) is no picture: choose image, image_fine or pseudo-depth")
        }
    }

    /// The frames of a video's tokens.
    package func decodeVideo(tokens: [Int32]) throws(DatasetError) -> [Image] {
        try check(tokens, of: "video", mayLack: true)
        return video.decode(tokens).map { Image(width: format.side, height: format.side, pixels: $0) }
    }

    /// Mono sound at ``audioSampleRate``, mostly in [-1, 1]. Phases are estimated, not kept.
    package func decodeAudio(tokens: [Int32]) throws(DatasetError) -> [Float] {
        try check(tokens, of: "audio", mayLack: true)
        return audio.decode(tokens)
    }

    /// A picture of three equal channels.
    static func grey(_ values: [UInt8], side: Int) -> Image {
        Image(width: side, height: side, pixels: values.flatMap { [$0, $0, $0] })
    }

    /// `mayLack`: whether a position may be ``TokenView/absent``.
    private func check(_ tokens: [Int32], of name: String, mayLack: Bool = false) throws(DatasetError) {
        guard let modality = modalities.first(where: { $0.name == name }) else {
            throw DatasetError(.wrongTokens, "there is no modality \(name)")
        }
        guard tokens.count == modality.length else {
            throw DatasetError(.wrongTokens, "\(name) has \(modality.length) tokens, not \(tokens.count)")
        }
        if let bad = tokens.first(where: { $0 < (mayLack ? TokenView.absent : 0) || $0 >= modality.vocabularySize }) {
            throw DatasetError(
                .wrongTokens, "\(name) has no token \(bad): its vocabulary has \(modality.vocabularySize) ids from 0")
        }
    }
}
