import FoundationEssentials

/// Writes records as frames, into one buffer that is used again and again.
package struct RunLogEncoder {
    /// The frame that was written last.
    package private(set) var frame: [UInt8] = []
    /// Names of the row before and their bytes: most rows have the same.
    private var names: [String] = []
    private var nameBytes: [UInt8] = []

    package init() {}

    /// Writes the record into ``frame``.
    package mutating func encode(_ record: RunRecord, sequence: Int64) throws {
        frame.removeAll(keepingCapacity: true)
        frame.append(contentsOf: repeatElement(0, count: RunLogFrame.headerSize))
        if case .metrics(let row) = record {
            try append(row, sequence)
        } else {
            frame.append(RunLogPayload.recordKind)
            append(sequence)
            frame += try JSONCoding.encode(record)
        }
        if frame.count - RunLogFrame.headerSize <= RunLogFrame.payloadLimit { RunLogFrame.seal(&frame) }
    }

    private mutating func append(_ row: MetricRow, _ sequence: Int64) throws {
        var values = names.compactMap { row.values[$0] }
        if values.count != names.count || values.count != row.values.count {
            try setNames(row.values.keys.sorted())
            values = names.compactMap { row.values[$0] }
        }
        frame.append(RunLogPayload.metricsKind)
        append(sequence)
        append(row.step)
        append(row.time.microseconds)
        append(UInt32(names.count))
        append(UInt32(nameBytes.count))
        frame += nameBytes
        for value in values { append(value.bitPattern) }
        for name in row.others.keys { try RecordError.check(name: name) }
        if !row.others.isEmpty { frame += try JSONCoding.encode(row.others) }
    }

    private mutating func setNames(_ names: [String]) throws(RecordError) {
        for name in names { try RecordError.check(name: name) }
        self.names = names
        nameBytes = []
        for name in names {
            withUnsafeBytes(of: UInt16(name.utf8.count).littleEndian) { nameBytes.append(contentsOf: $0) }
            nameBytes.append(contentsOf: name.utf8)
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { frame.append(contentsOf: $0) }
    }
}
