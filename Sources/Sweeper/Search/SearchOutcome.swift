package import Experiment

/// What a search answers: a configuration, or why there is no further one.
package enum SearchOutcome: Sendable, Hashable {
    package enum End: String, Sendable, Hashable {
        /// `run_cap` or the budget's trials have been handed out.
        case limit
        /// A run has reached the metric's target.
        case target
        /// Every combination of the grid has been handed out.
        case exhausted
        /// None of many points was allowed by `exclude` and `require`.
        case constraints
    }

    case config([String: JSONValue])
    case over(End)
}

extension SearchOutcome.End: CustomStringConvertible {
    /// For people, as the end of "the sweep is over: ".
    package var description: String {
        switch self {
        case .limit: "as many trials as it may have were handed out"
        case .target: "a run has reached the target"
        case .exhausted: "every combination was handed out"
        case .constraints:
            "of \(SearchSpace.maximumTries) configurations tried, 'exclude' and 'require' allowed none; loosen them"
        }
    }
}
