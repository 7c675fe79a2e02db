/// A run's settings that cannot be used, with the key at fault.
package struct SettingsError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case unknownKey = "unknown_key"
        case missingKey = "missing_key"
        case wrongType = "wrong_type"
        case invalidValue = "invalid_value"
    }

    package let kind: Code
    package let description: String

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
