package import Experiment

extension TokenSet {
    /// This token set as `layout` shows it; the file stays as it is, and ``restored(_:modality:)`` is the way back.
    package func laidOut(as layout: TokenLayout) throws(DatasetError) -> TokenSet {
        var views: [String: TokenView] = [:]
        var frames: [String: [[Int]]] = [:]
        var steps: [String: [[Int32]]] = [:]
        if let audio = modality("audio"), let codebooks = try codebooks(of: audio, layout) {
            let kept = layout.audioCodebooks ?? codebooks
            guard kept <= codebooks else {
                throw DatasetError(
                    .option, "audio_codebooks is \(kept), but \(path) has \(codebooks) codebooks; ask for fewer")
            }
            let delayed = layout.audioOrder == .delay
            let view = TokenView.audio(audio, codebooks: codebooks, kept: kept, delayed: delayed)
            views[audio.name] = view
            frames[audio.name] = view.audioFrames(codebooks: codebooks)
            if delayed { steps[audio.name] = view.audioSteps(codebooks: codebooks) }
        }
        if let video = modality("video"), let chosen = layout.videoFrames {
            views[video.name] = try TokenSet.videoView(video, chosen)
        }
        let words = layout.label == .words ? LabelWords(labels) : nil
        if words != nil, labels.count < modality(TokenSet.label)?.vocabularySize ?? 1 {
            throw DatasetError(.option, "\(path) does not name its classes; use label: token")
        }
        return TokenSet(self, views: views, words: words, frames: frames, steps: steps)
    }

    /// A view's tokens as the tokenizers and the label list know them.
    package func restored(_ tokens: [Int32], modality name: String) -> [Int32] {
        if let words, name == TokenSet.label { return [words.label(of: tokens)] }
        return views[name]?.restore(tokens) ?? tokens
    }

    /// The modality of class numbers.
    package static let label = "label"
    /// Frames of video tokens: the first picture, and what moves after it.
    private static let videoFrames = 2

    /// Nil where the token set does not say how many there are and nothing depends on it.
    private func codebooks(of audio: ModalityInfo, _ layout: TokenLayout) throws(DatasetError) -> Int? {
        if let text = provenance.options["audio_codebooks"], let count = Int(text), count > 0,
            audio.length % count == 0
        {
            return count
        }
        guard layout.audioOrder == .flat, layout.audioCodebooks == nil else {
            throw DatasetError(
                .option, "\(path) does not say how many codebooks its audio has; make it again with 'trainer prepare'")
        }
        return nil
    }

    private static func videoView(_ video: ModalityInfo, _ chosen: [Int]) throws(DatasetError) -> TokenView {
        guard let last = chosen.last, last < videoFrames else {
            throw DatasetError(.option, "video_frames must be from 0 to \(videoFrames - 1), not \(chosen)")
        }
        let size = video.length / videoFrames
        return TokenView(of: video, places: chosen.flatMap { Array($0 * size..<($0 + 1) * size) })
    }

    private init(
        _ set: TokenSet, views: [String: TokenView], words: LabelWords?, frames: [String: [[Int]]],
        steps: [String: [[Int32]]]
    ) {
        var rows = set.rows
        for split in Split.allCases {
            for (name, view) in views where view.places != Array(0..<view.stored.length) {
                let (all, length) = (rows[split]?[name] ?? [], view.stored.length)
                rows[split]?[name] = set.clips(in: split).indices.flatMap {
                    view.view(all[$0 * length..<($0 + 1) * length])
                }
            }
            if let words, let labels = rows[split]?[TokenSet.label] {
                rows[split]?[TokenSet.label] = labels.flatMap { words.names[Int($0)] }
            }
        }
        let modalities = set.modalities.map { modality in
            if let words, modality.name == TokenSet.label {
                return ModalityInfo(
                    name: modality.name, length: words.length, vocabularySize: words.vocabulary.count)
            }
            return views[modality.name]?.info ?? modality
        }
        self.init(
            path: set.path, modalities: modalities, provenance: set.provenance, labels: set.labels,
            clipsOfSplit: set.clipsOfSplit, rows: rows)
        (self.views, self.words, self.frames, self.steps) = (views, words, frames, steps)
    }
}
