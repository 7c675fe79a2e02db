import Experiment
import Foundation
import Testing

@testable import TrackerClient

@Suite("Run log")
struct RunLogTests {
    @Test("What is appended is read back, in order and numbered from 1")
    func roundTrip() throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            let records = sampleRecords(20)
            for record in records { try log.append(record) }
            #expect(try readAll(log.path) == numbered(records))
        }
    }

    @Test("F1: a log cut at any byte gives the records before the cut, and goes on after them")
    func cutAtEveryByte() throws {
        try withTemporaryDirectory { directory in
            let (bytes, ends, records) = try sampleLog(in: directory, count: 3)
            for length in 0...bytes.count {
                let path = try write(bytes.prefix(length), in: directory)
                let whole = ends.filter { $0 <= length }.count
                #expect(try readAll(path) == numbered(Array(records.prefix(whole))), "cut at \(length)")

                let added = try RunLog(directory: directory, attempt: 2).append(.summary(["after": .int(1)]))
                #expect(added == Int64(whole) + 1, "cut at \(length)")
                #expect(
                    try readAll(path) == numbered(Array(records.prefix(whole)) + [.summary(["after": .int(1)])]),
                    "cut at \(length)")
            }
        }
    }

    @Test("F1: a flipped byte anywhere never gives a wrong record and loses none before it")
    func flipEveryByte() throws {
        try withTemporaryDirectory { directory in
            let (bytes, ends, records) = try sampleLog(in: directory, count: 3)
            for position in bytes.indices {
                for mask in [UInt8(0x01), 0x80] {
                    var damaged = bytes
                    damaged[position] ^= mask
                    let path = try write(damaged[...], in: directory)
                    let before = ends.filter { $0 <= position }.count
                    #expect(
                        try readAll(path) == numbered(Array(records.prefix(before))), "byte \(position) ^ \(mask)")
                }
            }
        }
    }

    @Test("A reader finds what is appended after it reached the end")
    func readWhileWriting() throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            let reader = try RunLogReader(path: log.path)
            #expect(try reader.next() == nil)
            for (index, record) in sampleRecords(10).enumerated() {
                try log.append(record)
                #expect(try reader.next()?.record == record)
                #expect(try reader.next() == nil)
                #expect(reader.lastSequence == Int64(index + 1))
            }
        }
    }

    @Test("A reader goes back and forward to a sequence number", arguments: [0, 1, 7, 12, 30])
    func seek(_ sequence: Int64) throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            for record in sampleRecords(12) { try log.append(record) }
            let reader = try RunLogReader(path: log.path)
            for _ in 0..<5 { _ = try reader.next() }
            try reader.seek(after: sequence)
            #expect(try reader.next()?.sequence == (sequence < 12 ? sequence + 1 : nil))
        }
    }

    @Test("Only the owner may read the file")
    func permissions() throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            let mode = try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("A link in the log's place is refused and its target left alone")
    func symbolicLink() throws {
        try withTemporaryDirectory { directory in
            let target = directory + "/precious"
            try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
            try FileManager.default.createSymbolicLink(
                atPath: RunLog.path(directory: directory, attempt: 1), withDestinationPath: target)
            #expect(throws: TrackerClientError.self) { try RunLog(directory: directory, attempt: 1) }
            #expect(throws: TrackerClientError.self) {
                try RunLogReader(path: RunLog.path(directory: directory, attempt: 1))
            }
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
        }
    }

    @Test("A second writer of the same attempt is refused")
    func twoWriters() throws {
        try withTemporaryDirectory { directory in
            let first = try RunLog(directory: directory, attempt: 1)
            let error = #expect(throws: TrackerClientError.self) { try RunLog(directory: directory, attempt: 1) }
            #expect(error?.code == "log_failed")
            try first.append(.summary([:]))
        }
    }

    @Test("A record longer than a request may be is refused and leaves no gap")
    func tooLarge() throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            let text = String(repeating: "x", count: 5 << 20)
            let error = #expect(throws: TrackerClientError.self) { try log.append(.summary(["text": .string(text)])) }
            #expect(error?.code == "record_too_large")
            #expect(try log.append(.summary([:])) == 1)
        }
    }

    @Test("Numbers that JSON does not have survive")
    func nonFinite() throws {
        try withTemporaryDirectory { directory in
            let log = try RunLog(directory: directory, attempt: 1)
            let values = [
                "a": Double.infinity, "b": -Double.infinity, "c": Double.leastNonzeroMagnitude, "d": -0.0,
                "e": 0.1 + 0.2,
            ]
            try log.append(.metrics(MetricRow(step: .max, time: Date(timeIntervalSince1970: 0), values: values)))
            guard case .metrics(let row)? = try readAll(log.path).first?.record else {
                Issue.record("no metrics")
                return
            }
            #expect(row.values == values)
            #expect(row.values["d"]?.sign == .minus)
        }
    }

    @Test("Attempts are listed oldest first, and other files are not")
    func attempts() throws {
        try withTemporaryDirectory { directory in
            for name in ["log-10.sagalog", "log-2.sagalog", "log-0.sagalog", "log-x.sagalog", "output.log"] {
                try Data().write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            }
            #expect(RunLog.attempts(directory: directory) == [2, 10])
        }
    }

    @Test("A log that the released version wrote is read, and gone on with")
    func released() throws {
        try withTemporaryDirectory { directory in
            let records = sampleRecords(5)
            var bytes: [UInt8] = []
            for record in numbered(records) { bytes += RunLogFrame.encode(try JSONCoding.encode(record)) }
            let path = try write(bytes[...], in: directory)
            #expect(try readAll(path) == numbered(records))
            let log = try RunLog(directory: directory, attempt: 2)
            #expect(try log.append(records[0]) == 6)
            #expect(try readAll(path) == numbered(records + [records[0]]))
        }
    }

    private func sampleLog(in directory: String, count: Int) throws -> ([UInt8], ends: [Int], [RunRecord]) {
        let log = try RunLog(directory: directory, attempt: 1)
        let records = sampleRecords(count)
        var ends: [Int] = []
        for record in records {
            try log.append(record)
            ends.append(try Data(contentsOf: URL(fileURLWithPath: log.path)).count)
        }
        return (Array(try Data(contentsOf: URL(fileURLWithPath: log.path))), ends, records)
    }

    private func write(_ bytes: ArraySlice<UInt8>, in directory: String) throws -> String {
        let path = RunLog.path(directory: directory, attempt: 2)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func readAll(_ path: String) throws -> [SequencedRecord] {
        let reader = try RunLogReader(path: path)
        var records: [SequencedRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    private func numbered(_ records: [RunRecord]) -> [SequencedRecord] {
        records.enumerated().map { SequencedRecord(sequence: Int64($0 + 1), record: $1) }
    }
}
