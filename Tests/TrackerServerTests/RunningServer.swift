import Experiment
import Foundation
import Logging
import TestSupport
import TrackerServer
import TrackerStore

/// A server on a free port, the store behind it and the home it keeps files in.
struct RunningServer {
    let url: String
    let store: TrackerStore
    let home: SagaHome

    var address: TrackerAddress { TrackerAddress(url: url) }
    var port: Int { URLComponents(string: url)?.port ?? 0 }
}

/// Runs `body` against a real server with an empty database, and stops the server.
func withServer<Result: Sendable>(
    options: ServerOptions = ServerOptions(port: 0), logger: Logger? = nil,
    _ body: @Sendable (RunningServer) async throws -> Result
) async throws -> Result {
    try await withTemporaryHome { home in
        try await withScratchStore { store in
            try await withServer(store: store, home: home, port: 0, options: options, logger: logger, body)
        }
    }
}

func withServer<Result: Sendable>(
    store: TrackerStore, home: SagaHome, port: Int, options: ServerOptions = ServerOptions(port: 0),
    logger: Logger? = nil, _ body: @Sendable (RunningServer) async throws -> Result
) async throws -> Result {
    var quiet = Logger(label: "test")
    quiet.logLevel = .critical
    var options = options
    options.port = port
    let server = try TrackerServer(store: store, home: home, options: options, logger: logger ?? quiet)
    let (urls, continuation) = AsyncThrowingStream.makeStream(of: String.self)
    let task = Task {
        do {
            try await server.run(stopsOnSignals: false) { continuation.yield($0) }
            continuation.finish()
        } catch {
            continuation.finish(throwing: error)
        }
    }
    do {
        var url: String?
        for try await listening in urls {
            url = listening
            break
        }
        let result = try await body(RunningServer(url: url ?? "", store: store, home: home))
        task.cancel()
        await task.value
        return result
    } catch {
        task.cancel()
        await task.value
        throw error
    }
}

func withTemporaryHome<Result>(_ body: (SagaHome) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("saga-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(SagaHome(path: url.path))
}
