/// Models that are known by name: those of the report, and those that trainers are timed with.
package enum ModelSize: String, Sendable, CaseIterable {
    case joint
    case imageDepth = "image+depth"
    case imageAudio = "image+audio"
    case imageLabel = "image+label"
    case tiny
    case small
    /// The report's smaller models' size, with two modalities of 64,000 tokens.
    case large = "110m"

    package func configuration() throws(TransformerError) -> Nano4MConfiguration {
        let image = Nano4MConfiguration.Modality(name: "tok_rgb@256", vocabularySize: 64_000, maximumLength: 256)
        let depth = Nano4MConfiguration.Modality(name: "tok_depth@256", vocabularySize: 64_000, maximumLength: 256)
        let audio = Nano4MConfiguration.Modality(name: "tok_audio@24_000", vocabularySize: 2048, maximumLength: 2016)
        let video = Nano4MConfiguration.Modality(name: "tok_video@256", vocabularySize: 64_000, maximumLength: 2048)
        let label = Nano4MConfiguration.Modality(name: "tok_label", vocabularySize: 310, maximumLength: 1)
        func model(
            _ modalities: [Nano4MConfiguration.Modality], _ dim: Int, _ depth: Int, _ headDim: Int
        ) throws(TransformerError) -> Nano4MConfiguration {
            try Nano4MConfiguration(
                modalities: modalities, dim: dim, encoderDepth: depth, decoderDepth: depth, headDim: headDim)
        }
        func pair(_ vocabulary: Int, _ length: Int) -> [Nano4MConfiguration.Modality] {
            ["image", "audio"].map { .init(name: $0, vocabularySize: vocabulary, maximumLength: length) }
        }
        return switch self {
        case .joint: try model([image, depth, audio, video], 1024, 6, 128)
        case .imageDepth: try model([image, depth], 512, 6, 64)
        case .imageAudio: try model([image, audio], 512, 6, 64)
        case .imageLabel: try model([image, label], 512, 12, 64)
        case .tiny: try model(pair(512, 64), 128, 2, 32)
        case .small: try model(pair(4096, 256), 256, 4, 64)
        case .large: try model(pair(64_000, 256), 512, 6, 64)
        }
    }
}
