package import Dataset
import Tensor
package import Transformer

/// How well a model tells one modality's tokens from another's, on questions that are the same for every run.
///
/// A run's own evaluation draws its inputs and targets by the run's masking; a run that hides less has an easier task.
/// Probes ask the same of all: some fixed positions of X are shown, some fixed positions of Y are asked for.
package struct Probe: Sendable, Hashable {
    /// Positions of each modality, or all where it has fewer.
    package static let budget = 64
    /// Clips that a probe reads at most, which bounds what evaluations cost.
    package static let maximumClips = 32

    package let given: ModalityInfo
    package let asked: ModalityInfo

    /// As `probe/image_given_audio`.
    package var metric: String { "probe/\(asked.name)_given_\(given.name)" }

    /// One for every ordered pair but those with the label.
    package static func all(of modalities: [ModalityInfo]) -> [Probe] {
        let signals = modalities.filter { $0.name != ModalitySubset.label }
        return signals.flatMap { asked in
            signals.filter { $0 != asked }.map { Probe(given: $0, asked: asked) }
        }
    }

    /// The positions of a clip, rising: they depend on the clip's id and the names of the modalities alone.
    package func positions(clip: String) -> (given: [Int], asked: [Int]) {
        func draw(_ role: String, _ modality: ModalityInfo) -> [Int] {
            var generator = Xoshiro256(text: "\(metric)/\(role)/\(clip)")
            let order = (0..<modality.length).shuffled(using: &generator)
            return order.prefix(Probe.budget).sorted()
        }
        return (draw("given", given), draw("asked", asked))
    }

    /// One clip's question, numbered by the model's modalities in their order.
    package func sample(
        tokens: TokenSet, clip index: Int, modalities: [ModalityInfo]
    ) -> PackedBatch.Sample {
        let positions = positions(clip: tokens.clips(in: .eval)[index])
        func sequence(_ modality: ModalityInfo, _ positions: [Int]) -> TokenSequence {
            let all = tokens.tokens(modality: modality.name, split: .eval, clip: index)
            let number = Int32(modalities.firstIndex(of: modality) ?? 0)
            var sequence = TokenSequence()
            for place in positions { sequence.append(modality: number, position: Int32(place), token: all[place]) }
            return sequence
        }
        return PackedBatch.Sample(
            input: sequence(given, positions.given), target: sequence(asked, positions.asked))
    }
}
