import Experiment

/// A model, batch or checkpoint that does not fit.
package struct TransformerError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case invalidConfiguration = "invalid_model_configuration"
        case invalidBatch = "invalid_batch"
        case invalidCheckpoint = "invalid_checkpoint"
        case invalidSampling = "invalid_sampling"
        case invalidGolden = "invalid_golden"
        case deviceFailed = "device_failed"
    }

    package let kind: Code
    package let description: String

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
