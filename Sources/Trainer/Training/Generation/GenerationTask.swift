package import Dataset
package import Experiment
package import Transformer

/// What is generated from what: a target modality of a trained subset, and those that are given.
package struct GenerationTask: Sendable {
    /// A given modality with more tokens than this is shown by an evenly spaced choice of so many, which bounds the
    /// cost of attention over long sounds and videos.
    package static let conditionBudget = 256

    /// The model's modalities, in its order.
    package let modalities: [ModalityInfo]
    package let target: ModalityInfo
    /// Rising indices into ``modalities``.
    package let given: [Int]

    package var targetIndex: Int { modalities.firstIndex(of: target) ?? 0 }

    /// `modalities` are the trained subset.
    package init(_ settings: GenerationSettings, modalities: [ModalityInfo]) throws(TrainingError) {
        let names = modalities.map(\.name)
        func find(_ name: String) throws(TrainingError) -> ModalityInfo {
            guard let modality = modalities.first(where: { $0.name == name }) else {
                throw TrainingError(
                    .unknownModality,
                    "the trained subset has no modality '\(name)'\(ModalitySubset.hint(for: name, among: names))")
            }
            return modality
        }
        let target = try find(settings.target)
        var condition = names.filter { $0 != target.name }
        if let chosen = settings.condition {
            condition = chosen.split(separator: "+").map(String.init)
            for name in condition {
                _ = try find(name)
                guard name != target.name else {
                    throw TrainingError(
                        .unknownModality, "generation_condition names the target '\(name)'; give other modalities")
                }
            }
        }
        guard !condition.isEmpty else {
            throw TrainingError(
                .unknownModality, "nothing is left to generate \(target.name) from; train on another modality with it")
        }
        self.modalities = modalities
        self.target = target
        given = modalities.indices.filter { condition.contains(modalities[$0].name) }
    }

    /// What the encoder is shown of a clip.
    package func condition(_ tokens: TokenSet, clip: Int) -> TokenSequence {
        var sequence = TokenSequence()
        for index in given {
            let modality = modalities[index]
            let all = tokens.tokens(modality: modality.name, split: .eval, clip: clip)
            for place in shownPositions(of: modality) {
                sequence.append(modality: Int32(index), position: Int32(place), token: all[place])
            }
        }
        return sequence
    }

    /// All positions, or an evenly spaced choice of ``conditionBudget`` of them.
    func shownPositions(of modality: ModalityInfo) -> [Int] {
        let shown = min(modality.length, GenerationTask.conditionBudget)
        return (0..<shown).map { $0 * modality.length / shown }
    }
}
