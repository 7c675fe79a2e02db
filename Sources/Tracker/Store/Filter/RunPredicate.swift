package import Experiment

/// Which runs are meant: W&B's filter language, taken apart.
///
/// A comparison with what a run does not have is false, so `not` of it is true, as in MongoDB.
package indirect enum RunPredicate: Sendable, Hashable {
    package enum Comparison: String, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    case all([RunPredicate])
    case any([RunPredicate])
    case not(RunPredicate)
    case compare(RunField, Comparison, JSONValue)
    /// The field is one of these; where it is a list (tags, say), one of its elements is. Null stands for missing.
    case isAmong(RunField, [JSONValue])
    /// A POSIX regular expression is found in the field's text.
    case matches(RunField, String)
    case exists(RunField)

    /// Every run.
    package static let everything = RunPredicate.all([])

    package static func equals(_ field: RunField, _ value: JSONValue) -> RunPredicate { .isAmong(field, [value]) }

    /// Whether evaluating it may take any time at all.
    var hasPattern: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.hasPattern)
        case .not(let part): part.hasPattern
        case .matches: true
        case .compare, .isAmong, .exists: false
        }
    }
}
