/// How generated tokens compare with the clip's own.
package struct TokenMeasures: Sendable, Hashable {
    /// Share of positions with the true token.
    package let accuracy: Double
    /// Distinct tokens by number of tokens: 1 divided by the length when all are the same.
    package let distinct: Double
    package let trueDistinct: Double

    /// - Parameters:
    ///   - generated: tokens by position.
    ///   - truth: as many.
    package init(generated: [Int32], truth: [Int32]) {
        let count = Double(max(1, truth.count))
        accuracy = Double(zip(generated, truth).count { $0 == $1 }) / count
        distinct = Double(Set(generated).count) / count
        trueDistinct = Double(Set(truth).count) / count
    }
}
