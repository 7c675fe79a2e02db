package import FoundationEssentials

/// What is kept of a token: everything but the token.
package struct AccessToken: Codable, Sendable, Hashable {
    package var id: Int
    package var name: String
    package var role: AccessRole
    /// Nil: every project.
    package var project: String?
    package var created: Date
    /// Noted at most once a minute.
    package var lastUsed: Date?
    package var expires: Date?
    package var revoked: Date?
}
