import Experiment

/// A sweep definition that cannot be used: the place, what is wrong there, and what is expected instead.
package struct SweepDefinitionError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case syntax = "sweep_syntax"
        case tooLarge = "sweep_too_large"
        case duplicateKey = "sweep_duplicate_key"
        case unknownKey = "sweep_unknown_key"
        case missingKey = "sweep_missing_key"
        case wrongType = "sweep_wrong_type"
        case invalidValue = "sweep_invalid_value"
        /// Valid in W&B's schema, but this version cannot do it.
        case unsupported = "sweep_unsupported"
    }

    package let kind: Code
    package let position: SourcePosition
    /// The sentence without its position.
    package let message: String

    package init(_ kind: Code, at position: SourcePosition, _ message: String) {
        self.kind = kind
        self.position = position
        self.message = message
    }

    package var code: String { kind.rawValue }
    package var description: String { "\(position): \(message)" }
}
