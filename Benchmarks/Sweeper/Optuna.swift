import BenchmarkSupport
import Foundation

/// The peer: `peers/optuna_peer.py`.
struct Optuna {
    struct Search: Decodable {
        var version: String
        /// Median milliseconds of one `ask`, with 10,000 trials in memory.
        var tpe: Double
        var random: Double
    }

    let python: Program
    let script: String
    /// Of its PostgreSQL storage.
    let storage: String

    func search() throws -> Search {
        let text = try python.run([script, "memory", "\(SearchMeasurements.trials)"])
        return try JSONDecoder().decode(Search.self, from: Data(text.utf8))
    }

    /// Worker processes on one study with so many trials done; returns when all have read it.
    func workers(_ count: Int, sampler: String, done: Int) throws -> OptunaWorkers {
        try OptunaWorkers(python, [script, "storage", storage, sampler, "\(done)", "\(count)"])
    }
}

/// They work when they are told to.
final class OptunaWorkers {
    struct Turn: Decodable {
        /// Trials a second, over all workers.
        var rate: Double
        /// Median of one `ask`.
        var milliseconds: Double
    }

    private let process: Process
    private let orders = Pipe()
    private let answers = Pipe()

    init(_ python: Program, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: python.path)
        process.arguments = arguments
        process.environment = python.environment
        process.standardInput = orders
        process.standardOutput = answers
        try process.run()
        _ = try line()
    }

    func work(seconds: Double) throws -> Turn {
        try orders.fileHandleForWriting.write(contentsOf: Data("\(seconds)\n".utf8))
        return try JSONDecoder().decode(Turn.self, from: line())
    }

    func stop() {
        try? orders.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func line() throws -> Data {
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let bytes = answers.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw Program.Failure(description: "Optuna ended; its reason is above") }
            line += bytes
        }
        return line
    }
}
