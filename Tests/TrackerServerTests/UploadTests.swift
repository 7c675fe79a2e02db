import Experiment
import Foundation
import TestSupport
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

/// The promise: what was logged is in the database, exactly once and exactly as logged, whatever happened on the way.
@Suite("Upload of run logs")
struct UploadTests {
    @Test("A tracker that comes up while the run is going on gets everything")
    func downThenUp() async throws {
        try await withScratchStore { store in
            try await withTemporaryHome { home in
                let port = try await withServer(store: store, home: home, port: 0) { $0.port }
                let run = RunID.random()
                let logger = try RunLogger(
                    directory: home.path, run: run, attempt: 1,
                    address: TrackerAddress(url: "http://127.0.0.1:\(port)"))
                logger.log(start)
                log(0..<500, to: logger)
                try await Task.sleep(for: .milliseconds(100))
                try await withServer(store: store, home: home, port: port) { _ in
                    log(500..<1_000, to: logger)
                    let isComplete = try await finish(logger)
                    #expect(isComplete)
                }
                try await expect(store, run, steps: 1_000)
            }
        }
    }

    @Test("A tracker that is killed in the middle again and again gets everything once")
    func killedInTheMiddle() async throws {
        try await withScratchStore { store in
            try await withTemporaryHome { home in
                let port = try await withServer(store: store, home: home, port: 0) { $0.port }
                let run = RunID.random()
                let logger = try RunLogger(
                    directory: home.path, run: run, attempt: 1,
                    address: TrackerAddress(url: "http://127.0.0.1:\(port)"))
                logger.log(start)
                for part in 0..<3 {
                    try await withServer(store: store, home: home, port: port) { _ in
                        log(part * 1_000..<(part + 1) * 1_000, to: logger)
                        try await Task.sleep(for: .milliseconds(part * 10))
                    }
                }
                #expect(try await finish(logger, seconds: 0.2) == false)
                try await withServer(store: store, home: home, port: port) { server in
                    _ = try await blocking {
                        try RunLogSync.upload(directory: home.path, run: run, address: server.address)
                    }
                }
                try await expect(store, run, steps: 3_000)
            }
        }
    }

    @Test("The next attempt uploads what the killed one left, and syncing twice changes nothing")
    func nextAttempt() async throws {
        try await withServer { server in
            let run = RunID.random()
            let directory = server.home.path
            do {
                let killed = try RunLog(directory: directory, attempt: 1)
                try killed.append(start)
                for step in 0..<700 { try killed.append(row(step)) }
                let torn = try FileHandle(forWritingTo: URL(fileURLWithPath: killed.path))
                try torn.seekToEnd()
                try torn.write(contentsOf: [7, 0, 0, 0, 1, 2])
                try torn.close()
            }
            let logger = try RunLogger(directory: directory, run: run, attempt: 2, address: server.address)
            logger.log(start)
            log(600..<900, to: logger)
            let isComplete = try await finish(logger)
            #expect(isComplete)
            for _ in 0..<2 {
                let held = try await blocking {
                    try RunLogSync.upload(directory: directory, run: run, address: server.address)
                }
                #expect(held == 1_002)
            }
            let history = try await server.store.history(run: run, metrics: ["loss"])
            #expect(history.filter { $0.attempt == 1 }.map(\.step) == Array(0..<700))
            #expect(history.filter { $0.attempt == 2 }.map(\.step) == Array(600..<900))
        }
    }

    @Test("A database that lost its newest records is filled up from the log")
    func trackerForgot() async throws {
        try await withTemporaryHome { home in
            let run = RunID.random()
            let log = try RunLog(directory: home.path, attempt: 1)
            try log.append(start)
            for step in 0..<50 { try log.append(row(step)) }
            for _ in 0..<2 {
                // A new, empty database each time.
                try await withScratchStore { store in
                    try await withServer(store: store, home: home, port: 0) { server in
                        _ = try await blocking {
                            try RunLogSync.upload(directory: home.path, run: run, address: server.address)
                        }
                    }
                    try await expect(store, run, steps: 50)
                }
            }
        }
    }

    @Test("Files are uploaded before their records; one that is gone does not hold the rest back")
    func files() async throws {
        try await withServer { server in
            let run = RunID.random()
            let directory = server.home.path
            try Data("png".utf8).write(to: URL(fileURLWithPath: directory + "/a.png"))
            let logger = try RunLogger(directory: directory, run: run, attempt: 1, address: server.address)
            logger.log(start)
            for path in ["a.png", "gone.png"] {
                logger.log(
                    .file(
                        RunFile(
                            key: "generation/image", step: 1, path: path, mediaType: "image/png", bytes: 3,
                            sha256: SHA256.hex("png"), time: Date())))
            }
            log(0..<10, to: logger)
            let isComplete = try await finish(logger)
            #expect(isComplete)
            let stored = try await server.store.files(run: run)
            #expect(Set(stored.map(\.file.path)) == ["a.png", "gone.png"])
            let client = TestClient(address: server.address)
            #expect(try await client.send(.get, "/api/v1/runs/\(run)/files/a.png").body == Data("png".utf8))
            #expect(try await client.send(.get, "/api/v1/runs/\(run)/files/gone.png").status == 404)
        }
    }

    private var start: RunRecord { .start(RunStart(project: "demo", host: "here", time: Date())) }

    private func row(_ step: Int) -> RunRecord {
        .metrics(
            MetricRow(
                step: Int64(step), time: Date(timeIntervalSince1970: 1_700_000_000 + Double(step)),
                values: ["loss": value(step), "odd": step % 2 == 0 ? .nan : -.infinity]))
    }

    private func value(_ step: Int) -> Double { 1 / Double(step + 3) }

    private func log(_ steps: Range<Int>, to logger: RunLogger) {
        for step in steps { logger.log(row(step)) }
    }

    private func finish(_ logger: RunLogger, seconds: Double = 20) async throws -> Bool {
        try await blocking { logger.finish(deadline: .seconds(seconds)) }
    }

    private func expect(_ store: TrackerStore, _ run: RunID, steps: Int) async throws {
        let loss = try await store.history(run: run, metrics: ["loss"])
        #expect(loss.map(\.step) == Array(0..<Int64(steps)))
        #expect(loss.map(\.value) == (0..<steps).map(value))
        let odd = try await store.history(run: run, metrics: ["odd"])
        #expect(odd.count == steps && odd.allSatisfy { $0.step % 2 == 0 ? $0.value.isNaN : $0.value == -.infinity })
    }
}
