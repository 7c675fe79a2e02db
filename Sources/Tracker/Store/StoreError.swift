import Experiment

/// What the store refuses, and why.
package struct StoreError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        /// A batch starts beyond the next record that is wanted; see ``StoreError/expected``.
        case sequenceGap = "sequence_gap"
        /// A batch or a record that can never be stored.
        case invalidRecord = "invalid_record"
        case tooLarge = "too_large"
        /// The claim on a stage has been taken over or given back.
        case staleFence = "stale_fence"
        case invalidPlan = "invalid_plan"
        case invalidQuery = "invalid_query"
        case unknownRun = "unknown_run"
        case unknownSweep = "unknown_sweep"
        case unknownAgent = "unknown_agent"
        case unknownArtifact = "unknown_artifact"
        /// An artifact whose files are not all there.
        case incompleteArtifact = "incomplete_artifact"
        case invalidArtifact = "invalid_artifact"
        case unknownStage = "unknown_stage"
        case unknownMetric = "unknown_metric"
        case unknownKey = "unknown_key"
        /// What the database holds contradicts itself.
        case damaged
    }

    package let kind: Code
    package let description: String
    /// With `sequenceGap`: the sequence number that is waited for.
    package let expected: Int64?

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String, expected: Int64? = nil) {
        self.kind = kind
        self.description = description
        self.expected = expected
    }
}
