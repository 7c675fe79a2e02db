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

    /// Indices of modalities that earlier tasks of a chain sample, in their order.
    package let drawn: [Int]

    package var targetIndex: Int { modalities.firstIndex(of: target) ?? 0 }

    /// `modalities` are the trained subset; the settings have no chain.
    package init(_ settings: GenerationSettings, modalities: [ModalityInfo]) throws(TrainingError) {
        let names = modalities.map(\.name)
        let target = try GenerationTask.find(settings.target, in: modalities)
        var condition = names.filter { $0 != target.name }
        if let chosen = settings.condition {
            condition = chosen.split(separator: "+").map(String.init)
            for name in condition {
                _ = try GenerationTask.find(name, in: modalities)
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
        self.init(modalities, target: target, given: condition, drawn: [])
    }

    private init(_ modalities: [ModalityInfo], target: ModalityInfo, given: [String], drawn: [ModalityInfo]) {
        self.modalities = modalities
        self.target = target
        self.given = modalities.indices.filter { given.contains(modalities[$0].name) }
        self.drawn = drawn.compactMap { modalities.firstIndex(of: $0) }
    }

    /// The tasks that the settings ask for, one for each modality to sample, in order.
    package static func all(
        _ settings: GenerationSettings, modalities: [ModalityInfo]
    ) throws(TrainingError) -> [GenerationTask] {
        guard let chain = settings.chain else { return [try GenerationTask(settings, modalities: modalities)] }
        let given = chain[0].split(separator: "+").map(String.init)
        for name in given { _ = try find(name, in: modalities) }
        var targets: [ModalityInfo] = []
        for name in chain.dropFirst() { targets.append(try find(name, in: modalities)) }
        let names = given + targets.map(\.name)
        guard Set(names).count == names.count else {
            throw TrainingError(.unknownModality, "generation_chain names a modality twice; name each once")
        }
        return targets.indices.map {
            GenerationTask(modalities, target: targets[$0], given: given, drawn: Array(targets[..<$0]))
        }
    }

    private static func find(
        _ name: String, in modalities: [ModalityInfo]
    ) throws(TrainingError) -> ModalityInfo {
        guard let modality = modalities.first(where: { $0.name == name }) else {
            throw TrainingError(
                .unknownModality,
                "the trained subset has no modality '\(name)'"
                    + ModalitySubset.hint(for: name, among: modalities.map(\.name)))
        }
        return modality
    }

    /// What the encoder is shown of a clip; `drawn` are the tokens that earlier tasks sampled for it, in their order.
    package func condition(_ tokens: TokenSet, clip: Int, drawn sampled: [[Int32]] = []) -> TokenSequence {
        var sequence = TokenSequence()
        func show(_ index: Int, _ all: [Int32]) {
            for place in shownPositions(of: modalities[index]) {
                sequence.append(modality: Int32(index), position: Int32(place), token: all[place])
            }
        }
        for index in given { show(index, tokens.tokens(modality: modalities[index].name, split: .eval, clip: clip)) }
        for (index, all) in zip(drawn, sampled) { show(index, all) }
        return sequence
    }

    /// All positions, or an evenly spaced choice of ``conditionBudget`` of them.
    func shownPositions(of modality: ModalityInfo) -> [Int] {
        let shown = min(modality.length, GenerationTask.conditionBudget)
        return (0..<shown).map { $0 * modality.length / shown }
    }
}
