import Foundation

/// A program that runs beside the test; its standard output is read line by line, its errors go to a file.
final class Background: Sendable {
    private let process: Process
    private let output: Pipe

    init(path: String, arguments: [String], environment: [String: String], log: String) throws {
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        process = Process()
        output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    func firstLine(within limit: Duration) async throws -> String {
        let deadline = ContinuousClock.now + limit
        var text = ""
        let descriptor = output.fileHandleForReading.fileDescriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < deadline {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { text += String(decoding: buffer[..<count], as: UTF8.self) }
            if let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
            if count == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return text
    }

    /// Asks it to end and waits; the exit code.
    @discardableResult
    func stop() -> Int32 {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    func signal(_ number: Int32) { Foundation.kill(process.processIdentifier, number) }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func waitForExit(within limit: Duration) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(50))
        }
        return process.terminationStatus
    }
}
