import Experiment
import FoundationEssentials
import Synchronization

/// Turns clips into a token set and its tokenizers.
package struct Preparation: Sendable {
    /// Called with the number of things done and in all; from any thread.
    package typealias Progress = @Sendable (PreparationStage, _ done: Int, _ total: Int) -> Void

    private let options: PreparationOptions
    private let source: any ClipSource
    private let progress: Progress

    package init(_ options: PreparationOptions, progress: @escaping Progress = { _, _, _ in }) throws(DatasetError) {
        self.options = try options.checked()
        self.progress = progress
        source = options.clipSource()
    }

    /// ffmpeg processes at a time.
    private static let workers = 2

    private var path: String { options.home.tokenSet(options.name) }

    package func run() async throws(DatasetError) -> PreparationReport {
        if let report = try existing() { return report }
        let ffmpeg = try await FFmpeg.version()
        progress(.listing, 0, 1)
        let clips = Preparation.withEvaluation(Clip.limited(try await source.clips(), to: options.clips))
        let labels = Set(clips.map(\.label)).sorted()
        let chosen = Preparation.spread(clips.filter { $0.split == .train }, over: PreparationOptions.fitClips)
        let extracted = try await extract(chosen)
        let media = extracted.compactMap { try? $0.get() }
        guard !media.isEmpty else {
            throw DatasetError(.noClips, "no clip of the train split can be used: check the clip list and the files")
        }
        progress(.fitting, 0, 4)
        let fits = Counter { progress(.fitting, $0, 4) }
        let fit = try await TokenizerFit.run(on: media, labels: labels, options: options) { fits.increment() }
        let known = Dictionary(zip(chosen.map(\.id), extracted)) { first, _ in first }
        let encoded = try await encode(clips, known: known, bundle: fit.bundle)
        return try write(clips, encoded, fit: fit, ffmpeg: ffmpeg)
    }

    /// A report if the token set is there and was made with the same options; an error if it was made with others.
    private func existing() throws(DatasetError) -> PreparationReport? {
        guard !options.force, FileManager.default.fileExists(atPath: path) else { return nil }
        let tokens = try TokenSet.open(path)
        guard tokens.provenance.source == source.name, tokens.provenance.options == options.provenance(source) else {
            throw DatasetError(
                .exists, "\(path) exists and was made with other options: choose another --name or --force")
        }
        return PreparationReport(
            path: path, existed: true, trainClips: tokens.clips(in: .train).count,
            evalClips: tokens.clips(in: .eval).count, rows: [], skipped: [], credit: source.credit)
    }

    /// A list without eval clips gives up every tenth, at least one, from its end.
    private static func withEvaluation(_ clips: [Clip]) -> [Clip] {
        guard clips.count > 1, !clips.contains(where: { $0.split == .eval }) else { return clips }
        let kept = clips.count - max(1, clips.count / 10)
        return clips.enumerated().map { index, clip in
            index < kept
                ? clip
                : Clip(
                    id: clip.id, video: clip.video, audio: clip.audio, start: clip.start, duration: clip.duration,
                    label: clip.label, split: .eval)
        }
    }

    private static func spread(_ clips: [Clip], over count: Int) -> [Clip] {
        count < clips.count ? (0..<count).map { clips[$0 * clips.count / count] } : clips
    }

    // MARK: Stages

    private typealias Extracted = Result<ClipMedia, DatasetError>

    private func extract(_ clips: [Clip]) async throws(DatasetError) -> [Extracted] {
        progress(.extracting, 0, clips.count)
        let done = Counter { progress(.extracting, $0, clips.count) }
        return try await inParallel(clips, workers: Preparation.workers) { clip throws(DatasetError) in
            defer { done.increment() }
            return try await media(of: clip)
        }
    }

    /// A bad clip stops everything, unless bad clips are to be skipped. A missing ffmpeg always does.
    private func media(of clip: Clip) async throws(DatasetError) -> Extracted {
        do throws(DatasetError) {
            return .success(try await clip.media(options.format))
        } catch {
            guard options.skipBad, error.kind != .noFFmpeg else { throw error }
            return .failure(error)
        }
    }

    private struct Encoded: Sendable {
        let tokens: [String: [Int32]]
        let fidelity: Fidelity?
    }

    private func encode(
        _ clips: [Clip], known: [String: Extracted], bundle: TokenizerBundle
    ) async throws(DatasetError) -> [Result<Encoded, DatasetError>] {
        progress(.encoding, 0, clips.count)
        let done = Counter { progress(.encoding, $0, clips.count) }
        let shown = Set(clips.filter { $0.split == .eval }.prefix(Examples.count).map(\.id))
        let examples = TokenSet.tokenizerDirectory(besides: path) + "/examples"
        return try await inParallel(clips, workers: Preparation.workers) { clip throws(DatasetError) in
            defer { done.increment() }
            var extracted = known[clip.id]
            if extracted == nil { extracted = try await media(of: clip) }
            switch extracted {
            case .success(let media):
                let tokens = bundle.encode(media, label: clip.label)
                guard clip.split == .eval else { return .success(Encoded(tokens: tokens, fidelity: nil)) }
                var fidelity = Fidelity()
                fidelity.add(media, tokens: tokens, bundle: bundle)
                if shown.contains(clip.id) {
                    try Examples.write(clip.id, media, tokens: tokens, bundle: bundle, to: examples)
                }
                return .success(Encoded(tokens: tokens, fidelity: fidelity))
            case .failure(let error): return .failure(error)
            case nil: return .failure(DatasetError(.noClips, "\(clip.id) was not read"))
            }
        }
    }

    private func write(
        _ clips: [Clip], _ encoded: [Result<Encoded, DatasetError>], fit: TokenizerFit, ffmpeg: String
    ) throws(DatasetError) -> PreparationReport {
        var rows: [Split: TokenRows] = [:]
        var skipped: [String] = []
        var fidelity = Fidelity()
        for (clip, result) in zip(clips, encoded) {
            switch result {
            case .failure(let error): skipped.append(error.description)
            case .success(let encoded):
                rows[clip.split, default: TokenRows()].clips.append(clip.id)
                for (modality, tokens) in encoded.tokens {
                    rows[clip.split, default: TokenRows()].tokens[modality, default: []] += tokens
                }
                if let part = encoded.fidelity { fidelity.add(part) }
            }
        }
        let bundle = fit.bundle
        let hashes = try bundle.write(
            to: TokenSet.tokenizerDirectory(besides: path),
            parameters: [
                "patch": options.patch, "vocabulary": options.vocabulary, "seed": options.seed,
                "audio_codebooks": options.audioCodebooks, "audio_vocabulary": options.audioVocabulary,
            ])
        try TokenSetWriter.write(
            to: path, modalities: bundle.modalities, labels: bundle.labels, splits: rows, tokenizerHashes: hashes,
            provenance: Provenance(
                source: source.name, credit: source.credit, options: options.provenance(source), ffmpeg: ffmpeg,
                createdBy: "trainer prepare"))
        return PreparationReport(
            path: path, existed: false, trainClips: rows[.train]?.clips.count ?? 0,
            evalClips: rows[.eval]?.clips.count ?? 0,
            rows: bundle.modalities.map {
                PreparationReport.Row(
                    modality: $0, quality: fidelity.quality(of: $0.name), fitSeconds: fit.seconds[$0.name] ?? 0)
            },
            skipped: skipped, credit: source.credit)
    }
}

/// Counts from many threads and tells each new count.
private final class Counter: Sendable {
    private let count = Mutex(0)
    private let changed: @Sendable (Int) -> Void

    init(_ changed: @escaping @Sendable (Int) -> Void) { self.changed = changed }

    func increment() {
        count.withLock {
            $0 += 1
            changed($0)
        }
    }
}
