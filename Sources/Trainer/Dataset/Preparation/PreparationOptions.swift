package import Experiment

/// What `trainer prepare` was asked for.
package struct PreparationOptions: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable, CaseIterable {
        case film
        case synthetic
        case folder
    }

    package var source = Source.film
    /// Folder with `videos/` and `audios/`, and the clip list; for ``Source/folder``.
    package var path: String?
    package var list: String?
    package var name = "demo"
    /// At most this many clips; nil: all (48 of the synthetic ones).
    package var clips: Int?
    /// Seconds between the starts of the film's windows.
    package var stride = 2.5
    /// Different tokens of image, pseudo-depth and video.
    package var vocabulary = 1024
    /// Edge of a patch in pixels.
    package var patch = 16
    /// Edge of a smaller patch, of which the picture is shown a second time, as `image_fine`; nil: not.
    package var finePatch: Int?
    package var audioCodebooks = 32
    package var audioVocabulary = 256
    package var seed = 0
    package var force = false
    package var skipBad = false
    package var format = MediaFormat()
    package var home: SagaHome

    package init(home: SagaHome) { self.home = home }

    /// Train clips that tokenizers are fitted on, at most; they are held in memory (2 MB each).
    static let fitClips = 160

    func checked() throws(DatasetError) -> PreparationOptions {
        func require(_ condition: Bool, _ sentence: String) throws(DatasetError) {
            guard condition else { throw DatasetError(.option, sentence) }
        }
        try require(!name.isEmpty && !name.hasPrefix("."), "--name must be the name of a token set, not '\(name)'")
        try require((2...65536).contains(vocabulary), "--vocabulary must lie between 2 and 65536, not \(vocabulary)")
        try require(
            (2...65536).contains(audioVocabulary),
            "--audio-vocabulary must lie between 2 and 65536, not \(audioVocabulary)")
        try require(
            (32...1024).contains(format.side) && format.side % 2 == 0,
            "--side must be even and lie between 32 and 1024, not \(format.side)")
        try require(
            (4...64).contains(patch) && format.side % patch == 0,
            "--patch must divide \(format.side) and lie between 4 and 64, not \(patch)")
        if let finePatch {
            try require(
                (4..<patch).contains(finePatch) && format.side % finePatch == 0,
                "--fine-patch must divide \(format.side) and lie between 4 and --patch \(patch), not \(finePatch)")
        }
        try require((1...128).contains(audioCodebooks), "--audio-codebooks must lie between 1 and 128")
        try require(stride >= 0.1 && stride.isFinite, "--stride must be at least 0.1 s, not \(stride)")
        try require(clips.map { $0 >= 2 } ?? true, "--clips must be at least 2: one to train on, one to evaluate")
        try require(seed >= 0, "--seed must not be negative")
        try require(
            source != .folder || (path != nil && list != nil), "--source folder needs --path DIR and --list CSV")
        return self
    }

    func clipSource() -> any ClipSource {
        switch source {
        case .film: FilmSource(cache: FilmCache(directory: home.cache), stride: stride)
        case .folder: FolderSource(path: path ?? ".", list: list ?? "")
        case .synthetic:
            SyntheticSource(
                directory: home.cache, count: clips ?? 48, seed: seed, side: format.side, seconds: format.audioSeconds)
        }
    }

    /// Everything that decides the tokens, as the token set's provenance keeps it.
    func provenance(_ source: any ClipSource) -> [String: String] {
        var own = [
            "vocabulary": "\(vocabulary)", "patch": "\(patch)", "audio_codebooks": "\(audioCodebooks)",
            "audio_vocabulary": "\(audioVocabulary)", "seed": "\(seed)", "clips": clips.map { "\($0)" } ?? "all",
            "side": "\(format.side)", "frames": "\(format.frames)", "frame_spacing_ms": "\(format.frameSpacing)",
            "audio_seconds": "\(format.audioSeconds)", "sample_rate": "\(format.sampleRate)",
        ]
        // Without, as token sets were described before there was one.
        own["fine_patch"] = finePatch.map { "\($0)" }
        return own.merging(source.options) { _, theirs in theirs }
    }
}
