/// What a request may cost; whoever sends more is wrong or hostile.
package struct GraphQLLimits: Sendable {
    /// Bytes of the query's text.
    package var queryBytes = 256 << 10
    package var tokens = 20_000
    /// Levels of selections, and of lists and objects in values.
    package var depth = 32
    /// Fields of the query, where each use of a fragment counts anew.
    package var fields = 2_000
    /// Fields of the answer.
    package var answers = 1_000_000

    package init() {}
}
