import Experiment

/// Why a training or a generation cannot go on.
package struct TrainingError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case unknownModality = "unknown_modality"
        case unusableTokenSet = "unusable_token_set"
        case nonFiniteLoss = "non_finite_loss"
        case noCheckpoint = "no_checkpoint"
        case otherCheckpoint = "other_checkpoint"
        case damagedCheckpoint = "damaged_checkpoint"
        case unusableWeights = "unusable_weights"
        case unknownMetric = "unknown_metric"
        case fileFailed = "file_failed"
    }

    package let kind: Code
    package let description: String

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// False where another start of the same run would end in the same way.
    package var isWorthRetrying: Bool { kind == .fileFailed }
}
