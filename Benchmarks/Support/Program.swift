import Foundation

/// Programs that the benchmark runs.
struct Program {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    var path: String
    var environment: [String: String]

    /// Runs to the end; standard output.
    @discardableResult
    func run(_ arguments: [String], output: FileHandle? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = output ?? pipe.fileHandleForWriting
        try process.run()
        pipe.fileHandleForWriting.closeFile()
        let text = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "\(path) \(arguments.joined(separator: " ")) ended with "
                    + "\(process.terminationStatus)")
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// A `tracker serve` beside the benchmark.
final class Server {
    let url: String
    /// From the start of the process to its line that it listens.
    let readySeconds: Double
    private let process: Process

    init(_ tracker: Program, log: String) throws {
        guard FileManager.default.createFile(atPath: log, contents: nil) else {
            throw Program.Failure(description: "\(log) cannot be written")
        }
        process = Process()
        process.executableURL = URL(fileURLWithPath: tracker.path)
        process.arguments = ["serve", "--port", "0", "--log-level", "warning"]
        process.environment = tracker.environment
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle(forWritingAtPath: log)
        let start = ContinuousClock.now
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let bytes = pipe.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw Program.Failure(description: "the tracker does not start; see \(log)") }
            line += bytes
        }
        readySeconds = start.secondsAgo
        let text = String(decoding: line, as: UTF8.self)
        guard let address = text.firstRange(of: "http://") else {
            throw Program.Failure(description: "the tracker said '\(text)'")
        }
        url = String(text[address.lowerBound...].prefix { !$0.isWhitespace })
    }

    /// Bytes of the process, shared pages divided among those that share them.
    var proportionalMemory: Double {
        let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return 1024 * (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
