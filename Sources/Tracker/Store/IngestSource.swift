package import Experiment

/// Records of one attempt, in one of the forms that clients send.
protocol IngestSource: Sendable {
    var attempt: Int { get }
    /// Sequence numbers of the first and the last record; nil where there is none.
    var range: ClosedRange<Int64>? { get }
    /// What the first record says if it is a run's start.
    var opening: RunStart? { get }

    /// What the records after `acknowledged` do.
    func change(after acknowledged: Int64) throws -> IngestChange
}

extension IngestRequest: IngestSource {
    var range: ClosedRange<Int64>? {
        guard let first = records.first, let last = records.last, first.sequence <= last.sequence else { return nil }
        return first.sequence...last.sequence
    }

    var opening: RunStart? {
        if case .start(let start)? = records.first?.record { start } else { nil }
    }

    func change(after acknowledged: Int64) throws -> IngestChange {
        var change = IngestChange()
        for record in records where record.sequence > acknowledged { try change.append(record) }
        change.finishSummary()
        return change
    }
}

/// Records as they lie in a run log (`application/x-saga-log`): what takes the least work on both sides.
package struct IngestLog: Sendable {
    package let attempt: Int
    let range: ClosedRange<Int64>?
    package let opening: RunStart?
    private let bytes: [UInt8]

    /// Checks frames and sequence numbers; refuses everything when one frame is damaged.
    package init(attempt: Int, bytes: [UInt8]) throws {
        self.attempt = attempt
        self.bytes = bytes
        var opening: RunStart?
        var first: Int64?
        var last: Int64 = 0
        try Self.forEachPayload(of: bytes) { payload in
            guard RunLogFrame.isIntact(payload.frame), let sequence = RunLogPayload.sequence(payload.bytes) else {
                throw StoreError.damagedLog
            }
            guard first == nil || sequence == last &+ 1 else { throw IngestLimits.gap(last, sequence) }
            if first == nil, case .record(let record)? = RunLogPayload(payload.bytes),
                case .start(let start) = record.record
            {
                opening = start
            }
            first = first ?? sequence
            last = sequence
        }
        self.opening = opening
        range = first.map { $0...max($0, last) }
    }

    private static func forEachPayload(
        of bytes: [UInt8],
        _ body: ((frame: UnsafeRawBufferPointer, bytes: UnsafeRawBufferPointer)) throws -> Void
    ) throws {
        try bytes.withUnsafeBytes { all in
            var offset = 0
            while offset < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[offset...])
                guard let length = RunLogFrame.payloadLength(rest), RunLogFrame.headerSize + length <= rest.count else {
                    throw StoreError.damagedLog
                }
                let size = RunLogFrame.headerSize + length
                try body(
                    (
                        UnsafeRawBufferPointer(rebasing: rest[..<size]),
                        UnsafeRawBufferPointer(rebasing: rest[RunLogFrame.headerSize..<size])
                    ))
                offset += size
            }
        }
    }
}

extension IngestLog: IngestSource {
    func change(after acknowledged: Int64) throws -> IngestChange {
        var change = IngestChange()
        try Self.forEachPayload(of: bytes) { payload in
            guard RunLogPayload.sequence(payload.bytes).map({ $0 > acknowledged }) ?? true else { return }
            switch RunLogPayload(payload.bytes) {
            case .metrics(let row): try change.append(row)
            case .record(let record): try change.append(record)
            case nil: throw StoreError.damagedLog
            }
        }
        change.finishSummary()
        return change
    }
}
