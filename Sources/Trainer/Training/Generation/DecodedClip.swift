package import Dataset

/// Tokens turned back into something to see or hear, with the measures of it.
package struct DecodedClip: Sendable {
    /// The bytes of a PNG or WAV file.
    package let bytes: [UInt8]
    package let mediaType: String
    package let fileExtension: String
    /// Share of frames that are blank; 0 or 1 for a sound.
    package let blankShare: Double
    package let saturation: Double

    package init(frames: [Image]) {
        let measures = frames.map { PictureMeasures(rgb: $0.pixels) }
        let count = Double(max(1, frames.count))
        bytes = PNG.encode(DecodedClip.filmstrip(frames))
        mediaType = "image/png"
        fileExtension = "png"
        blankShare = Double(measures.count(where: \.isBlank)) / count
        saturation = measures.reduce(0) { $0 + $1.saturation } / count
    }

    package init(sound samples: [Float], sampleRate: Int) {
        let measures = SoundMeasures(samples: samples)
        bytes = WAV.encode(samples, sampleRate: sampleRate)
        mediaType = "audio/wav"
        fileExtension = "wav"
        blankShare = measures.isBlank ? 1 : 0
        saturation = measures.saturation
    }

    /// Nil for a modality that is neither seen nor heard, as the label.
    package init?(modality: String, tokens: [Int32], by tokenizers: TokenizerBundle) throws(DatasetError) {
        switch modality {
        case ModalitySubset.label:
            return nil
        case "audio":
            self.init(
                sound: try tokenizers.decodeAudio(tokens: tokens), sampleRate: TokenizerBundle.audioSampleRate)
        case "video":
            self.init(frames: try tokenizers.decodeVideo(tokens: tokens))
        default:
            self.init(frames: [try tokenizers.decodeImage(modality: modality, tokens: tokens)])
        }
    }

    /// Frames of one size, side by side.
    private static func filmstrip(_ frames: [Image]) -> Image {
        guard let first = frames.first, frames.count > 1 else {
            return frames.first ?? Image(width: 0, height: 0, pixels: [])
        }
        var pixels: [UInt8] = []
        for row in 0..<first.height {
            for frame in frames { pixels += frame.pixels[row * 3 * first.width..<(row + 1) * 3 * first.width] }
        }
        return Image(width: first.width * frames.count, height: first.height, pixels: pixels)
    }
}
