/// How a token set's sequences are shown to a model: a view, the token set stays as it is.
package struct TokenLayout: Sendable, Hashable {
    /// The order of audio's grid of codebooks and frames.
    package enum AudioOrder: String, Sendable, Hashable, CaseIterable {
        /// Codebook by codebook, as token sets keep it and the report trained it.
        case flat
        /// MusicGen's delay pattern: by frame + codebook, so that a token comes after the coarser ones of its frame.
        case delay
    }

    package enum LabelForm: String, Sendable, Hashable, CaseIterable {
        /// The number of the class.
        case token
        /// The words of the class's name, one token each.
        case words
    }

    package var audioOrder = AudioOrder.flat
    /// The first so many codebooks; nil: all.
    package var audioCodebooks: Int?
    /// Numbers of the video's frames (of tokens, not pictures); nil: all.
    package var videoFrames: [Int]?
    package var label = LabelForm.token

    package init() {}
}

extension TokenLayout {
    package static let keys = ["audio_layout", "audio_codebooks", "video_frames", "label"]

    package init(config: [String: JSONValue]) throws(SettingsError) {
        let reader = ConfigReader(config)
        audioOrder = try reader.choice("audio_layout") ?? audioOrder
        audioCodebooks = try reader.int("audio_codebooks", in: 1...128)
        label = try reader.choice("label") ?? label
        guard let value = reader.value("video_frames") else { return }
        guard case .array(let items) = value, !items.isEmpty else {
            throw SettingsError(.wrongType, "video_frames must be a list of frame numbers as [0], not \(value.label)")
        }
        let frames = items.compactMap { $0.number.flatMap { Int(exactly: $0) } }
        guard frames.count == items.count, frames.allSatisfy({ $0 >= 0 }), Set(frames).count == frames.count else {
            throw SettingsError(.invalidValue, "video_frames must be different whole numbers from 0 on")
        }
        videoFrames = frames.sorted()
    }
}

extension ConfigReader {
    /// One of an enumeration's words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String
    ) throws(SettingsError) -> Choice? {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue)
            throw SettingsError(
                .invalidValue,
                "\(key) must be one of \(known.joined(separator: ", ")), not '\(text)'\(didYouMean(text, among: known))"
            )
        }
        return choice
    }
}
