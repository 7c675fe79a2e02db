import Dataset
import Transformer

/// Makes what one link of a chain has sampled seen, heard and measured.
struct LinkOutput {
    let model: Nano4M
    let tokens: TokenSet
    /// Nil where nothing is seen or heard.
    let tokenizers: TokenizerBundle?
    let media: MediaLog
    let chain: ChainRun
    let seed: UInt64

    /// One report a sample; `captions` are the clips' ids.
    func reports(_ link: ChainRun.Link, captions: [String]) throws -> [ClipReport] {
        let name = link.task.target.name
        let generator = try chain.generator(link.task)
        let key = "generation/\(name)"
        return try chain.samples.enumerated().map { index, sample in
            let truth = tokens.tokens(modality: name, split: .eval, clip: sample.clip)
            let generated = link.tokens[index]
            let nll = try generator.likelihood(
                model, condition: link.conditions[index], truth: truth, seed: seed, clip: sample.stream)
            let decoded = try decode(generated, name)
            let decodedTruth = try decode(truth, name)
            let caption = captions[sample.clip]
            if let decoded { try media.add(decoded, key: key, step: index, caption: caption) }
            if let decodedTruth { try media.add(decodedTruth, key: "\(key)_truth", step: index, caption: caption) }
            return ClipReport(
                tokens: TokenMeasures(generated: generated, truth: truth), nll: nll, generated: decoded,
                truth: decodedTruth)
        }
    }

    private func decode(_ sequence: [Int32], _ name: String) throws -> DecodedClip? {
        let stored = tokens.restored(sequence, modality: name)
        return try tokenizers.flatMap { try DecodedClip(modality: name, tokens: stored, by: $0) }
    }
}
