import Experiment
import Foundation
import TestSupport
import Testing
import TrackerStore

@testable import TrackerClient

/// Run logs on their way from the trainer's disk to the database. The oracle: every point once, with its value.
@Suite("Ingest of run logs")
struct LogIngestTests {
    private static let contentType = "application/x-saga-log"

    @Test("F1: a log with a torn or damaged end is uploaded up to there, twice without doubles, and completed later")
    func damagedLog() async throws {
        try await withServer { server in
            let whole = try writeLog(in: server.home.path, rows: 20)
            for cut in [whole.count - 1, whole.count / 2, 30] {
                let run = RunID.random()
                let directory = "\(server.home.path)/\(run)"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let path = RunLog.path(directory: directory, attempt: 1)
                try Data(whole.prefix(cut) + [0x55]).write(to: URL(fileURLWithPath: path))
                let logged = try count(path)
                for _ in 0..<2 {
                    let held = try await sync(directory, run, server)
                    #expect(held == Int64(logged))
                }
                if logged > 0 { try await expect(server.store, run, rows: logged - 1) }
                try Data(whole).write(to: URL(fileURLWithPath: path))
                #expect(try await sync(directory, run, server) == 21)
                try await expect(server.store, run, rows: 20)
            }
        }
    }

    @Test(
        "F5: with the tracker away for the whole training, logging is quick, the end keeps its deadline, and a later sync is complete"
    )
    func trackerAway() async throws {
        try await withServer { server in
            let run = RunID.random()
            let logger = try RunLogger(
                directory: server.home.path, run: run, attempt: 1, address: TrackerAddress(url: "http://127.0.0.1:1"))
            var slowest = Duration.zero
            logger.log(start)
            for step in 0..<5_000 {
                let record = row(step)
                slowest = max(slowest, ContinuousClock().measure { logger.log(record) })
            }
            // A busy machine may take our processor away for a while; the network's seconds would show.
            #expect(slowest < .milliseconds(500))
            let begin = ContinuousClock.now
            let isComplete = try await blocking { logger.finish(deadline: .milliseconds(300)) }
            #expect(!isComplete && ContinuousClock.now - begin < .seconds(2))
            #expect(try await sync(server.home.path, run, server) == 5_001)
            try await expect(server.store, run, rows: 5_000)
        }
    }

    @Test("A log of the released version is taken, and a backlog becomes full segments at once")
    func released() async throws {
        try await withServer { server in
            let run = RunID.random()
            let path = RunLog.path(directory: server.home.path, attempt: 1)
            var bytes: [UInt8] = []
            for (index, record) in ([start] + (0..<50).map(row)).enumerated() {
                bytes += RunLogFrame.encode(
                    try JSONCoding.encode(SequencedRecord(sequence: Int64(index + 1), record: record)))
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let log = try RunLog(directory: server.home.path, attempt: 1)
            for step in 50..<2_500 { try log.append(row(step)) }
            #expect(try await sync(server.home.path, run, server) == 2_501)
            try await expect(server.store, run, rows: 2_500)
        }
    }

    @Test("Rows with texts and structures come with the numbers")
    func others() async throws {
        try await withServer { server in
            let run = RunID.random()
            let log = try RunLog(directory: server.home.path, attempt: 1)
            try log.append(start)
            let others: [String: JSONValue] = [
                "text": .string("a cat"), "small": .int(5), "big": .int(9_007_199_254_740_993),
            ]
            try log.append(.metrics(MetricRow(step: 1, time: Date(), values: ["loss": 2], others: others)))
            #expect(try await sync(server.home.path, run, server) == 2)
            let number = try await server.store.number(of: run)
            let rows = try await server.store.rows(run: number, limit: 10)
            #expect(rows.map(\.numbers) == [["loss": 2, "small": 5]])
            #expect(rows.map(\.others) == [["text": .string("a cat"), "big": .int(9_007_199_254_740_993)]])
            #expect(try await server.store.run(run).summary["text"] == .string("a cat"))
        }
    }

    @Test("Bytes that are no log are refused with a code, and nothing of them is kept")
    func refused() async throws {
        try await withServer { server in
            let log = try writeLog(in: server.home.path, rows: 3)
            var flipped = log
            flipped[log.count / 2] ^= 1
            let gap = log.prefix(frameEnds(log)[0]) + log.dropFirst(frameEnds(log)[1])
            let cases: [(query: String, bytes: [UInt8], status: Int)] = [
                ("", log, 400), ("?attempt=x", log, 400), ("?attempt=0", log, 400), ("?attempt=1", flipped, 400),
                ("?attempt=1", Array(log.dropLast()), 400), ("?attempt=1", Array(gap), 400),
                ("?attempt=1", Array(log.dropFirst(frameEnds(log)[0])), 409),
                ("?attempt=1", RunLogFrame.encode([9, 9, 9]), 400),
                ("?attempt=1", RunLogFrame.encode([1] + [UInt8](repeating: 0xff, count: 60)), 400),
                ("?attempt=1", [UInt8](repeating: 0xff, count: 1_000), 400),
            ]
            for (query, bytes, status) in cases {
                let answer = try await blocking {
                    try HTTPClient(address: server.address).send(
                        .post, "/api/v1/runs/r/records" + query, body: Data(bytes), contentType: Self.contentType
                    ).status
                }
                #expect(answer == status, "\(query) \(bytes.prefix(8))")
            }
            #expect(try await server.store.runs(RunFilter()).isEmpty)
        }
    }

    @Test("F19: eight ranks that send the same records at once store them once")
    func ranks() async throws {
        try await withServer { server in
            let run = RunID.random()
            let log = try RunLog(directory: server.home.path, attempt: 1)
            try log.append(start)
            for step in 0..<300 { try log.append(row(step)) }
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try await sync(server.home.path, run, server) } }
                try await group.waitForAll()
            }
            try await expect(server.store, run, rows: 300)
        }
    }

    private var start: RunRecord { .start(RunStart(project: "demo", host: "here", time: Date())) }

    private func row(_ step: Int) -> RunRecord {
        .metrics(
            MetricRow(
                step: Int64(step), time: Date(timeIntervalSince1970: 1_700_000_000 + Double(step)),
                values: ["loss": 1 / Double(step + 3), "odd": step % 2 == 0 ? .nan : -.infinity]))
    }

    /// The bytes of a log with a start and some rows.
    private func writeLog(in directory: String, rows: Int) throws -> [UInt8] {
        let log = try RunLog(directory: directory, attempt: 1)
        try log.append(start)
        for step in 0..<rows { try log.append(row(step)) }
        defer { try? FileManager.default.removeItem(atPath: log.path) }
        return Array(try Data(contentsOf: URL(fileURLWithPath: log.path)))
    }

    private func frameEnds(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var offset = 0
        while let length = bytes.dropFirst(offset).withUnsafeBytes(RunLogFrame.payloadLength) {
            offset += RunLogFrame.headerSize + length
            ends.append(offset)
        }
        return ends
    }

    private func count(_ path: String) throws -> Int {
        let reader = try RunLogReader(path: path)
        try reader.seek(after: .max)
        return Int(reader.lastSequence)
    }

    private func sync(_ directory: String, _ run: RunID, _ server: RunningServer) async throws -> Int64 {
        try await blocking { try RunLogSync.upload(directory: directory, run: run, address: server.address) }
    }

    private func expect(_ store: TrackerStore, _ run: RunID, rows: Int) async throws {
        let loss = try await store.history(run: run, metrics: ["loss"])
        #expect(loss.map(\.step) == Array(0..<Int64(rows)))
        #expect(loss.map(\.value) == (0..<rows).map { 1 / Double($0 + 3) })
        let odd = try await store.history(run: run, metrics: ["odd"])
        #expect(odd.count == rows && odd.allSatisfy { $0.step % 2 == 0 ? $0.value.isNaN : $0.value == -.infinity })
    }
}
