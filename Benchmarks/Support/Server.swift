package import Foundation

/// A `tracker serve` beside a benchmark.
package final class Server {
    package let url: String
    /// From the start of the process to its line that it listens.
    package let readySeconds: Double
    package let process: Process

    package init(_ tracker: Program, log: String) throws {
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let errors = FileHandle(forWritingAtPath: log)
        else {
            throw Program.Failure(description: "\(log) cannot be written")
        }
        let pipe = Pipe()
        let start = ContinuousClock.now
        process = try tracker.start(
            ["serve", "--port", "0", "--log-level", "warning"], output: pipe.fileHandleForWriting, errors: errors)
        pipe.fileHandleForWriting.closeFile()
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
    package var proportionalMemory: Double {
        let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return 1024 * (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan)
    }

    package func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
