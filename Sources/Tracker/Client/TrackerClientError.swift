import Experiment

/// Why the tracker could not be asked, or what it answered instead of doing it.
package struct TrackerClientError: UserFacingError, Hashable {
    /// The tracker's own code where it answered with one, else one of the constants below.
    package let code: String
    package let description: String
    /// HTTP status of the answer; nil when there was none.
    package let status: Int?
    /// With `sequence_gap`: the sequence number that the tracker waits for.
    package let expected: Int64?

    package init(_ code: String, _ description: String, status: Int? = nil, expected: Int64? = nil) {
        self.code = code
        self.description = description
        self.status = status
        self.expected = expected
    }

    /// No answer: the tracker is not running, or not at this address.
    package static let unreachable = "unreachable"
    package static let badAnswer = "bad_answer"
    package static let badAddress = "bad_address"
    package static let unsafeLog = "unsafe_log"
    package static let unreadableLog = "unreadable_log"
    package static let logFailed = "log_failed"
    package static let recordTooLarge = "record_too_large"
    package static let sequenceGap = "sequence_gap"

    /// Whether the same request may well succeed later without anybody changing it.
    package var isTransient: Bool {
        guard let status else { return code == Self.unreachable }
        return status >= 500 || status == 408 || status == 429
    }
}
