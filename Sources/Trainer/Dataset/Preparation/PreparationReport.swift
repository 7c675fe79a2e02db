/// What a preparation made.
package struct PreparationReport: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package let modality: ModalityInfo
        /// Fidelity of decoded eval clips; nil for labels.
        package let quality: Quality?
        /// Seconds that fitting the tokenizer took.
        package let fitSeconds: Double
    }

    package enum Quality: Sendable, Hashable {
        /// Peak signal-to-noise ratio in dB, higher is better.
        case psnr(Double)
        /// Mean absolute error of the log-mel spectrogram in dB, lower is better.
        case melError(Double)
    }

    package let path: String
    /// The token set was there already, made with the same options; nothing was done and `rows` is empty.
    package let existed: Bool
    package let trainClips: Int
    package let evalClips: Int
    package let rows: [Row]
    /// One sentence for each clip that could not be used.
    package let skipped: [String]
    package let credit: String
}

/// A stage of a preparation, for progress.
package enum PreparationStage: String, Sendable, Hashable {
    case listing = "finding clips"
    case extracting = "extracting clips"
    case fitting = "fitting tokenizers"
    case encoding = "encoding clips"
}
