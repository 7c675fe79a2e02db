/// The measures of one generated clip, by metric name without a prefix.
package struct ClipReport: Sendable, Hashable {
    package private(set) var values: [String: Double]

    /// `nll` is ``TokenGenerator/likelihood(_:condition:truth:seed:clip:)``; `generated` and `truth` are nil for what is
    /// neither seen nor heard.
    package init(tokens: TokenMeasures, nll: Double, generated: DecodedClip?, truth: DecodedClip?) {
        values = [
            "token_accuracy": tokens.accuracy,
            "token_nll": nll,
            "distinct_tokens": tokens.distinct,
            "distinct_tokens_true": tokens.trueDistinct,
        ]
        values["blank_share"] = generated?.blankShare
        values["blank_share_true"] = truth?.blankShare
        values["saturation"] = generated?.saturation
        values["saturation_true"] = truth?.saturation
    }

    /// The mean of each measure over clips.
    package static func mean(_ reports: [ClipReport]) -> [String: Double] {
        var sums: [String: Double] = [:]
        for report in reports { sums.merge(report.values) { $0 + $1 } }
        return sums.mapValues { $0 / Double(max(1, reports.count)) }
    }
}
