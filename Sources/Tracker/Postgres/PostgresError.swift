import Experiment

/// What went wrong between us and PostgreSQL.
///
/// `description` is a sentence that may be shown to anybody; the server's own words, which can quote data, are in
/// `debugDescription`.
package struct PostgresError: UserFacingError, CustomDebugStringConvertible, Hashable {
    package enum Code: String, Sendable {
        case unreachable = "database_unreachable"
        case connectionLost = "database_connection_lost"
        /// The server refused a statement; see ``PostgresError/sqlState``.
        case server = "database_error"
        case invalidValue = "database_invalid_value"
        /// A column is not of the type that was asked for.
        case unexpectedType = "database_unexpected_type"
        case poolClosed = "database_pool_closed"
        case migration = "database_migration"
        /// The private cluster cannot be made, started or used.
        case cluster = "database_cluster"
    }

    package let kind: Code
    package let description: String
    /// Five characters, as `23505` (PostgreSQL manual, appendix A).
    package let sqlState: String?
    package let detail: String?

    package var code: String { kind.rawValue }

    package var debugDescription: String {
        [description, sqlState.map { "[\($0)]" }, detail].compactMap(\.self).joined(separator: " ")
    }

    package init(_ kind: Code, _ description: String, sqlState: String? = nil, detail: String? = nil) {
        self.kind = kind
        self.description = description
        self.sqlState = sqlState
        self.detail = detail
    }
}
