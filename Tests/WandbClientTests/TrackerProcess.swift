import Foundation
import Postgres
import SystemPackage
import TestSupport

/// The real `tracker serve` on a fresh database, which can be killed and started again on its port.
actor TrackerProcess {
    private let home: String
    private let databaseURL: String
    private var process: Process?
    private(set) var port = 0

    var url: String { "http://127.0.0.1:\(port)" }

    init(home: String, databaseURL: String) {
        self.home = home
        self.databaseURL = databaseURL
    }

    /// Runs `body` with a tracker that is up.
    static func run<Result: Sendable>(_ body: @Sendable (TrackerProcess) async throws -> Result) async throws -> Result
    {
        try await withScratchDatabase { address in
            let home = try scratchFolder()
            defer { try? FileManager.default.removeItem(atPath: home) }
            let tracker = TrackerProcess(home: home, databaseURL: address.connectionString)
            try await tracker.start()
            do {
                let result = try await body(tracker)
                await tracker.stop()
                return result
            } catch {
                await tracker.stop()
                throw error
            }
        }
    }

    func start() async throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: FilePath(tests).removingLastComponent().string + "/tracker")
        process.arguments = ["serve", "--port", "\(port)", "--crash-after", "40"]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SAGA_HOME": home, "DATABASE_URL": databaseURL]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        let log = home + "/tracker.log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let errors = FileHandle(forWritingAtPath: log)
        try errors?.seekToEnd()
        process.standardError = errors
        try process.run()
        self.process = process
        port = try await Self.firstLine(of: output).split(separator: ":").last.flatMap { Int($0) } ?? 0
        guard port > 0 else { throw ScriptFailure("the tracker does not start: \(log)") }
    }

    /// Without blocking a thread: tests share two.
    private static func firstLine(of output: Pipe) async throws -> Substring {
        let descriptor = output.fileHandleForReading.fileDescriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var (text, buffer) = ("", [UInt8](repeating: 0, count: 4096))
        for _ in 0..<1500 {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { text += String(decoding: buffer[..<count], as: UTF8.self) }
            if count == 0 || text.contains("\n") { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return text.prefix { $0 != "\n" }
    }

    /// Ends it in the middle of whatever it does.
    func kill() async {
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }

    func stop() async {
        guard let process, process.isRunning else { return }
        process.terminate()
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }

    var log: String { (try? String(contentsOfFile: home + "/tracker.log", encoding: .utf8)) ?? "" }
}

struct ScriptFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
