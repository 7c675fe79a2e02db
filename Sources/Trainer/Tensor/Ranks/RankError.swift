import Experiment

/// Why processes cannot train one model together, or not any longer.
package struct RankError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        /// A number of ranks or a place among them that makes no sense.
        case invalidRanks = "invalid_ranks"
        /// Not all ranks have come.
        case missingRank = "missing_rank"
        /// Ranks that do not belong together: other settings, cards or programs.
        case unequalRanks = "unequal_ranks"
        /// A rank has ended, or cannot be reached, while others still need it.
        case lostRank = "lost_rank"
        /// A rank has said why it ends.
        case failedRank = "failed_rank"
        case collectiveFailed = "collective_failed"
    }

    package let kind: Code
    package let description: String
    /// False where another start would end in the same way.
    package let isWorthRetrying: Bool

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String, isWorthRetrying: Bool? = nil) {
        self.kind = kind
        self.description = description
        self.isWorthRetrying = isWorthRetrying ?? [.missingRank, .lostRank, .collectiveFailed].contains(kind)
    }
}
