/// `POST /api/v1/runs/{run}/records`: records of one attempt, in rising sequence without gaps.
///
/// The tracker keeps, for each run and attempt, the last sequence number it has committed. Records at or below it are
/// ignored, so that a batch may be sent twice; a batch that starts beyond it plus one is refused with status 409 and
/// code `sequence_gap`, whose `expected` says where to go on.
package struct IngestRequest: Codable, Sendable, Hashable {
    package var attempt: Int
    package var records: [SequencedRecord]

    package init(attempt: Int, records: [SequencedRecord]) {
        self.attempt = attempt
        self.records = records
    }
}

package struct SequencedRecord: Codable, Sendable, Hashable {
    /// Counts from 1 in each attempt.
    package var sequence: Int64
    package var record: RunRecord

    package init(sequence: Int64, record: RunRecord) {
        self.sequence = sequence
        self.record = record
    }
}

package struct IngestResponse: Codable, Sendable, Hashable {
    /// The last sequence number of the attempt that is committed.
    package var acknowledged: Int64

    package init(acknowledged: Int64) { self.acknowledged = acknowledged }
}

/// The body of every answer that is not a success.
package struct ErrorResponse: Codable, Sendable, Hashable {
    /// Stable and machine-readable, as `sequence_gap`.
    package var code: String
    /// One sentence for a person, with what to do next.
    package var message: String
    /// With `sequence_gap`: the sequence number that the tracker waits for.
    package var expected: Int64?

    package init(code: String, message: String, expected: Int64? = nil) {
        self.code = code
        self.message = message
        self.expected = expected
    }
}
