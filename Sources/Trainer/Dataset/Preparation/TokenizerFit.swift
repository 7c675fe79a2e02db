import Experiment
import Tensor

/// Fits all tokenizers on the train clips, side by side.
struct TokenizerFit: Sendable {
    let bundle: TokenizerBundle
    /// Seconds by modality.
    let seconds: [String: Double]

    static func run(
        on clips: [ClipMedia], labels: [String], options: PreparationOptions,
        fitted: @escaping @Sendable () -> Void
    ) async throws(DatasetError) -> TokenizerFit {
        let (side, patch, vocabulary) = (options.format.side, options.patch, options.vocabulary)
        let seed = UInt64(options.seed)
        async let pictures = timed(fitted) {
            try PatchTokenizer.fit(
                clips.map(\.middleFrame), grid: PatchGrid(side: side, patch: patch, channels: 3),
                vocabulary: vocabulary, seed: seed)
        }
        async let finePictures = timed({}) {
            try options.finePatch.map { patch in
                try PatchTokenizer.fit(
                    clips.map(\.middleFrame), grid: PatchGrid(side: side, patch: patch, channels: 3),
                    vocabulary: vocabulary, seed: seed)
            }
        }
        async let depths = timed(fitted) {
            try PatchTokenizer.fit(
                clips.map(\.pseudoDepth), grid: PatchGrid(side: side, patch: patch, channels: 1),
                vocabulary: vocabulary, seed: seed)
        }
        async let sounds = timed(fitted) {
            try AudioTokenizer.fit(
                clips.map(\.sound), sampleRate: options.format.sampleRate, codebooks: options.audioCodebooks,
                vocabulary: options.audioVocabulary, seed: seed)
        }
        do {
            let image = try await pictures
            let video = try await timed(fitted) {
                try VideoTokenizer.fit(clips.map(\.frames), key: image.value, vocabulary: vocabulary, seed: seed)
            }
            let (fine, depth, audio) = try await (finePictures, depths, sounds)
            return TokenizerFit(
                bundle: TokenizerBundle(
                    format: options.format, image: image.value, fineImage: fine.value, depth: depth.value,
                    video: video.value, audio: audio.value, labels: labels),
                seconds: [
                    "image": image.seconds, TokenizerBundle.fineImage: fine.seconds, "pseudo-depth": depth.seconds,
                    "audio": audio.seconds, "video": video.seconds, "label": 0,
                ])
        } catch {
            throw DatasetError(
                .damagedTokenizer, "the tokenizers cannot be fitted on these clips: try more of them",
                detail: "\(error)")
        }
    }

    private static func timed<Value: Sendable>(
        _ done: @Sendable () -> Void, _ work: @Sendable () throws -> Value
    ) async throws -> (value: Value, seconds: Double) {
        let start = ContinuousClock.now
        let value = try work()
        done()
        return (value, (ContinuousClock.now - start) / .seconds(1))
    }
}
