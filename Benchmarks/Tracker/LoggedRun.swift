import BenchmarkSupport
import Experiment
import Foundation
import TrackerClient

/// A run that a trainer has logged and no tracker has seen yet.
struct LoggedRun {
    static let metrics = ["loss", "image", "audio", "lr", "grad_norm", "total_tokens_seen_m"]

    let id: RunID
    let directory: String
    let points: Int

    /// Logs `steps` rows of ``metrics`` below `folder`, values as noisy as a loss is.
    init(_ name: String, project: String, steps: Int, folder: String) throws {
        guard let id = RunID(rawValue: name) else { throw Program.Failure(description: "'\(name)' is no run id") }
        self.id = id
        directory = "\(folder)/\(name)"
        points = steps * Self.metrics.count
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let logger = try RunLogger(directory: directory, run: id, attempt: 1, address: nil)
        logger.log(.start(RunStart(project: project, name: name, host: "benchmark", time: Date())))
        let begin = Date()
        for step in 0..<steps {
            logger.log(.metrics(Self.row(step, time: begin.addingTimeInterval(Double(step) * 0.1))))
        }
        logger.log(
            .finish(RunFinish(state: .finished, exitCode: 0, time: begin.addingTimeInterval(Double(steps) * 0.1))))
        guard logger.lostRecords == 0 else { throw Program.Failure(description: "\(directory) is full") }
    }

    static func row(_ step: Int, time: Date) -> MetricRow {
        var values: [String: Double] = [:]
        for name in metrics { values[name] = Double.random(in: 0..<10) }
        return MetricRow(step: Int64(step), time: time, values: values)
    }

    /// Seconds until the tracker has acknowledged everything.
    func upload(to address: TrackerAddress) throws -> Double {
        try seconds { try RunLogSync.upload(directory: directory, run: id, address: address) }
    }

    /// Uploads runs by `clients` at a time; points a second over all.
    static func upload(_ runs: [LoggedRun], clients: Int, to address: TrackerAddress) throws -> Double {
        let time = try seconds {
            try concurrently(clients) { client in
                for run in runs.indices where run % clients == client { _ = try runs[run].upload(to: address) }
            }
        }
        return Double(runs.reduce(0) { $0 + $1.points }) / time
    }
}
