/// What a filter may be at most; whoever sends more is wrong or hostile.
enum FilterLimits {
    static let bytes = 1 << 20
    static let depth = 32
    /// Comparisons in all.
    static let comparisons = 1_000
    /// Values of one `$in`, or of all together.
    static let values = 20_000
    static let fieldBytes = 1_024
    static let patternBytes = 512
    static let orderTerms = 8
    /// How long a statement with a pattern may take, as PostgreSQL writes it: patterns can be made to take for ever.
    static let patternTimeout = "5s"
}
