import FoundationEssentials

/// What a frame of a run log holds: a record and its sequence number.
///
/// All numbers are little-endian. Byte 0 tells the kind:
/// - 1, what one log call wrote: sequence, step and time (8 bytes each; the time in microseconds since 1970), number of
///   values (4 bytes), length of their names (4 bytes); names, each after its length (2 bytes); values as float64; what
///   is no number as the JSON text of one object, to the end, where there is any.
/// - 2, any other record: sequence (8 bytes), the record as JSON.
/// - `{`: sequence and record as JSON, as version 0.1 wrote them.
package enum RunLogPayload {
    static let metricsKind: UInt8 = 1
    static let recordKind: UInt8 = 2
    static let jsonKind = UInt8(ascii: "{")

    case metrics(EncodedRow)
    case record(SequencedRecord)

    /// Nil for what is no payload that this version knows.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        switch bytes.first {
        case Self.metricsKind:
            guard let row = EncodedRow(bytes) else { return nil }
            self = .metrics(row)
        case Self.recordKind:
            guard let sequence = Self.sequence(bytes),
                let record = try? JSONCoding.decode(RunRecord.self, from: Data(bytes.dropFirst(9)))
            else { return nil }
            self = .record(SequencedRecord(sequence: sequence, record: record))
        case Self.jsonKind:
            guard let record = try? JSONCoding.decode(SequencedRecord.self, from: Data(bytes)) else { return nil }
            self = .record(record)
        default:
            return nil
        }
    }

    package var sequence: Int64 {
        switch self {
        case .metrics(let row): row.sequence
        case .record(let record): record.sequence
        }
    }

    /// The record as a value; nil where a row's names or texts are no such.
    package var sequencedRecord: SequencedRecord? {
        switch self {
        case .record(let record): record
        case .metrics(let row): row.row.map { SequencedRecord(sequence: row.sequence, record: .metrics($0)) }
        }
    }

    /// A payload's sequence number, without reading the rest.
    package static func sequence(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        switch bytes.first {
        case metricsKind, recordKind:
            guard bytes.count >= 9 else { return nil }
            return Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int64.self))
        case jsonKind:
            struct Head: Decodable { var sequence: Int64 }
            return try? JSONCoding.decode(Head.self, from: Data(bytes)).sequence
        default:
            return nil
        }
    }

    /// Whether the record may be one of a file, which is uploaded before its record is sent.
    package static func mayBeFile(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.first != metricsKind }
}
