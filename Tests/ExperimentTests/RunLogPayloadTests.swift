import Foundation
import Testing

@testable import Experiment

@Suite("Run log records")
struct RunLogPayloadTests {
    private static let time = Date(timeIntervalSince1970: 1_700_000_000.25)
    static let records: [RunRecord] = [
        .start(RunStart(project: "p", config: ["lr": .double(0.1)], host: "h", time: time)),
        .metrics(MetricRow(step: .min, time: time, values: [:])),
        .metrics(MetricRow(step: .max, time: time, values: ["loss": -0.0, "ä/\"": .infinity, "c": 1e308])),
        .metrics(
            MetricRow(
                step: 3, time: time, values: ["loss": .leastNonzeroMagnitude],
                others: ["text": .string("a"), "big": .int(9_007_199_254_740_993)])),
        .summary(["a": .null]), .system(MetricRow(step: 0, time: time, values: ["system.gpu.0.temp": 61])),
        .finish(RunFinish(state: .finished, exitCode: 0, time: time)),
    ]

    private func payload(_ record: RunRecord, sequence: Int64 = 7) throws -> [UInt8] {
        var encoder = RunLogEncoder()
        try encoder.encode(record, sequence: sequence)
        #expect(encoder.frame.withUnsafeBytes(RunLogFrame.isIntact))
        return Array(encoder.frame.dropFirst(RunLogFrame.headerSize))
    }

    @Test("Every record comes back, with its sequence number", arguments: records)
    func roundTrip(record: RunRecord) throws {
        let bytes = try payload(record)
        #expect(bytes.withUnsafeBytes(RunLogPayload.sequence) == 7)
        let back = bytes.withUnsafeBytes { RunLogPayload($0)?.sequencedRecord }
        #expect(back == SequencedRecord(sequence: 7, record: record))
    }

    @Test("Numbers come back to the bit")
    func bits() throws {
        let values = [0x7ff0_0000_0000_0001, 0xfff8_0000_dead_beef, 1, 0x8000_0000_0000_0000].map {
            Double(bitPattern: $0)
        }
        let named = Dictionary(uniqueKeysWithValues: values.enumerated().map { ("\($0)", $1) })
        let bytes = try payload(.metrics(MetricRow(step: 0, time: Self.time, values: named)))
        guard case .metrics(let row)? = bytes.withUnsafeBytes({ RunLogPayload($0)?.sequencedRecord?.record }) else {
            Issue.record("no row")
            return
        }
        #expect(row.values.mapValues(\.bitPattern) == named.mapValues(\.bitPattern))
    }

    @Test("What the released version wrote is understood", arguments: records)
    func released(record: RunRecord) throws {
        let sequenced = SequencedRecord(sequence: 5, record: record)
        let bytes = Array(try JSONCoding.encode(sequenced))
        #expect(bytes.withUnsafeBytes(RunLogPayload.sequence) == 5)
        #expect(bytes.withUnsafeBytes { RunLogPayload($0)?.sequencedRecord } == sequenced)
    }

    @Test("A payload cut or changed anywhere is refused or read as some record, and never read beyond its end")
    func damaged() throws {
        let bytes = try payload(Self.records[3])
        for length in 0..<bytes.count {
            _ = Array(bytes.prefix(length)).withUnsafeBytes { RunLogPayload($0)?.sequencedRecord }
        }
        for position in bytes.indices {
            for mask in [UInt8(0x01), 0x80, 0xff] {
                var changed = bytes
                changed[position] ^= mask
                _ = changed.withUnsafeBytes { RunLogPayload($0)?.sequencedRecord }
            }
        }
        let unknown: [[UInt8]] = [[], [0], [3, 1, 2, 3], Array("{}".utf8), [1], [2, 0, 0]]
        for bytes in unknown { #expect(bytes.withUnsafeBytes { RunLogPayload($0) == nil }) }
    }

    @Test("Rows with other names than the row before are written with their own")
    func changingNames() throws {
        var encoder = RunLogEncoder()
        let rows: [[String: Double]] = [
            ["a": 1, "b": 2], ["a": 3, "b": 4], ["a": 5], [:], ["b": 6, "c": 7],
            ["b": 8, "a": 9],
        ]
        for (index, values) in rows.enumerated() {
            let record = RunRecord.metrics(MetricRow(step: 0, time: Self.time, values: values))
            try encoder.encode(record, sequence: Int64(index))
            let back = encoder.frame.dropFirst(RunLogFrame.headerSize).withUnsafeBytes {
                RunLogPayload($0)?.sequencedRecord?.record
            }
            #expect(back == record)
        }
    }

    @Test(
        "A name that no tracker takes is refused, and the next record is as if it had not been",
        arguments: [
            "", "a\0b", String(repeating: "x", count: 513),
        ])
    func badName(name: String) throws {
        var encoder = RunLogEncoder()
        for row in [
            MetricRow(step: 0, time: Self.time, values: [name: 1]),
            MetricRow(step: 0, time: Self.time, values: ["a": 1], others: [name: .null]),
        ] {
            #expect(throws: RecordError.self) { try encoder.encode(.metrics(row), sequence: 1) }
        }
        let good = RunRecord.metrics(MetricRow(step: 0, time: Self.time, values: ["a": 1]))
        try encoder.encode(good, sequence: 1)
        let back = encoder.frame.dropFirst(RunLogFrame.headerSize).withUnsafeBytes {
            RunLogPayload($0)?.sequencedRecord?.record
        }
        #expect(back == good)
    }

    @Test("The checksum is the Castagnoli one, for any length and wherever it is cut")
    func checksum() {
        var known = CRC32C()
        known.update("123456789".utf8)
        #expect(known.value == 0xe306_9283)
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 37) }
        for length in 0...bytes.count {
            var slow: UInt32 = 0xffff_ffff
            for byte in bytes.prefix(length) {
                slow ^= UInt32(byte)
                for _ in 0..<8 { slow = slow & 1 == 1 ? (slow >> 1) ^ 0x82f6_3b78 : slow >> 1 }
            }
            var fast = CRC32C()
            fast.update(bytes.prefix(length / 3))
            fast.update(bytes[(length / 3)..<length])
            #expect(fast.value == ~slow)
        }
    }
}
