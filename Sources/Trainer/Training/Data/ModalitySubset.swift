import Experiment

/// Which of a token set's modalities a run trains on.
package enum ModalitySubset {
    /// Resolves the setting `subset`: `joint` (everything but the label) or names joined by `+`.
    ///
    /// The names come back in the token set's order, so that `audio+image` and `image+audio` are the same model.
    package static func resolve(_ text: String, available: [String]) throws(TrainingError) -> [String] {
        if text == "joint" {
            let joint = available.filter { $0 != label }
            guard !joint.isEmpty else {
                throw TrainingError(.unusableTokenSet, "the token set has no modality but the label; prepare another")
            }
            return joint
        }
        let names = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        for name in names where !available.contains(name) {
            throw TrainingError(
                .unknownModality, "the token set has no modality '\(name)'\(hint(for: name, among: available))")
        }
        guard Set(names).count == names.count else {
            throw TrainingError(.unknownModality, "subset '\(text)' names a modality twice; name each once")
        }
        return available.filter(names.contains)
    }

    /// A part of a name is taken for the name: people say `depth` for `pseudo-depth`.
    static func hint(for name: String, among available: [String]) -> String {
        if !name.isEmpty, let whole = available.first(where: { $0.contains(name) }) {
            return "; did you mean '\(whole)'?"
        }
        let hint = didYouMean(name, among: available)
        return hint.isEmpty ? "; it has \(available.joined(separator: ", "))" : hint
    }

    /// The class index: one token, not a signal, so it is in no `joint` subset and in no probe.
    package static let label = "label"
}
