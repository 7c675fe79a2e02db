/// What each modality's mean loss counts in the loss trained on, whatever the masking's budgets are.
package enum LossWeights: Sendable, Hashable {
    /// Every modality the same: the reference's `per_modality_loss_avg`.
    case uniform
    /// Every target token the same.
    case tokens
    /// By modality name; their sum is scaled to 1. A modality that is not named counts 0.
    case given([String: Double])

    package init(_ value: JSONValue) throws(SettingsError) {
        switch value {
        case .string("uniform"): self = .uniform
        case .string("tokens"): self = .tokens
        case .object(let members) where !members.isEmpty:
            var weights: [String: Double] = [:]
            for (modality, weight) in members {
                guard let number = weight.number, number >= 0, number.isFinite else {
                    throw SettingsError(
                        .invalidValue, "loss_weights of \(modality) must be a number from 0, not \(weight.label)")
                }
                weights[modality] = number
            }
            guard weights.values.contains(where: { $0 > 0 }) else {
                throw SettingsError(.invalidValue, "loss_weights must have a number above 0 for some modality")
            }
            self = .given(weights)
        default:
            throw SettingsError(
                .invalidValue, "loss_weights must be uniform, tokens or numbers by modality as {image: 1, audio: 2}")
        }
    }
}
