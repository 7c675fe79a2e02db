import BenchmarkSupport
import Experiment
import Foundation
import TrackerClient

/// All that is measured of the tracker, on one server and its database.
struct TrackerMeasurements {
    let tracker: Program
    let database: Psql
    let folder: String

    private static let exported = "exported"

    func run(large: Bool) throws -> [Figure] {
        var rows: [Figure] = []
        // Once to make the schema; people start it many times.
        try Server(tracker, log: folder + "/server.log").stop()
        let ready = try (0..<5).map { _ in
            let server = try Server(tracker, log: folder + "/server.log")
            server.stop()
            return server.readySeconds
        }
        rows.append(Aim.ready.row(Samples(ready).median))
        rows += try measure(isLarge: false)
        if large {
            note("filling in 100 million points")
            try database.run(Generator.histories)
            try database.run("vacuum analyze")
            rows += try measure(isLarge: true)
        }
        return rows
    }

    private func measure(isLarge: Bool) throws -> [Figure] {
        let server = try Server(tracker, log: folder + "/server.log")
        defer { server.stop() }
        let address = TrackerAddress(url: server.url)
        let suffix = isLarge ? "-large" : ""
        var rows: [Figure] = []
        func add(_ row: Figure) {
            note("  \(row.name): \(row.ours) \(row.unit)")
            rows.append(row)
        }

        note("log calls")
        let calls = try logCalls("calls" + suffix, address: address)
        add(Aim.logMedian.row(calls.median * 1e6, isLarge: isLarge))
        add(Aim.logTail.row(calls.percentile(0.99) * 1e6, isLarge: isLarge))

        note("ingest")
        let copy = try (0..<3).map { _ in try BareCopy(database: database, folder: folder).pointsPerSecond() }
        let long = try LoggedRun("long" + suffix, project: "long" + suffix, steps: 100_000, folder: folder)
        let project = Self.exported + suffix
        let runs = try (1...27).map {
            try LoggedRun("export\(suffix)-\($0)", project: project, steps: 10_000, folder: folder)
        }
        let one = try LoggedRun.upload([long], clients: 1, to: address)
        let eight = try LoggedRun.upload(runs, clients: 8, to: address)
        add(Aim.ingestOne.row(one, copy: Samples(copy).median, isLarge: isLarge))
        add(Aim.ingestEight.row(eight, copy: Samples(copy).median, isLarge: isLarge))

        note("compaction")
        try tracker.run(["compact"])
        if !isLarge {
            add(Aim.bytes.row(try bytesPerPoint()))
            try database.run(Generator.runsWithoutHistory)
            // As autovacuum would within a minute.
            try database.run("vacuum analyze")
        }

        note("queries")
        let client = try HTTPClient(address: address)
        add(
            Aim.best.row(
                try median(of: 21, client, "/api/v1/runs?project=generated&order=summary.loss&limit=10"),
                isLarge: isLarge))
        let history = "/api/v1/runs/long\(suffix)/history?metrics=loss"
        add(Aim.historyWhole.row(try median(of: 11, client, history), isLarge: isLarge))
        add(Aim.historyReduced.row(try median(of: 11, client, history + "&pixels=1000"), isLarge: isLarge))
        add(Aim.export.row(try export(project), isLarge: isLarge))
        add(Aim.request.row(try median(of: 200, client, "/health"), isLarge: isLarge))
        add(Aim.memory.row(server.proportionalMemory / 1e6, isLarge: isLarge))
        return rows
    }

    /// Seconds of each of 50,000 log calls of a run whose log is uploaded meanwhile.
    private func logCalls(_ name: String, address: TrackerAddress) throws -> Samples {
        guard let id = RunID(rawValue: name) else { throw Program.Failure(description: "'\(name)' is no run id") }
        let directory = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let logger = try RunLogger(directory: directory, run: id, attempt: 1, address: address)
        logger.log(.start(RunStart(project: name, host: "benchmark", time: Date())))
        var calls: [Double] = []
        calls.reserveCapacity(50_000)
        for step in 0..<50_000 {
            let row = LoggedRun.row(step, time: Date())
            calls.append(seconds { logger.log(.metrics(row)) })
        }
        logger.log(.finish(RunFinish(state: .finished, exitCode: 0, time: Date())))
        guard logger.finish(deadline: .seconds(60)) else {
            throw Program.Failure(description: "the log of '\(name)' was not uploaded")
        }
        return Samples(calls)
    }

    /// Milliseconds of a request, the median of `count`, after one that does not count.
    private func median(of count: Int, _ client: HTTPClient, _ path: String) throws -> Double {
        func request() throws {
            let response = try client.send(.get, path)
            guard response.status == 200 else {
                throw Program.Failure(
                    description:
                        "\(path): \(response.status) \(String(decoding: response.body.prefix(300), as: UTF8.self))")
            }
        }
        try request()
        return try Samples((0..<count).map { _ in try seconds(request) }).median * 1000
    }

    /// Seconds of an export, the median of three that must be the same bytes.
    private func export(_ project: String) throws -> Double {
        let path = folder + "/export.csv"
        var first: Data?
        let times = try (0..<3).map { _ in
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let file = FileHandle(forWritingAtPath: path)
            else {
                throw Program.Failure(description: "\(path) cannot be written")
            }
            let time = try seconds { try tracker.run(["export", "--project", project], output: file) }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            guard first == nil || first == bytes else {
                throw Program.Failure(description: "two exports of \(project) differ")
            }
            first = bytes
            return time
        }
        let lines = first?.count { $0 == UInt8(ascii: "\n") } ?? 0
        guard lines == 27 * 10_000 * LoggedRun.metrics.count + 1 else {
            throw Program.Failure(description: "the export has \(lines) lines")
        }
        return Samples(times).median
    }

    /// Everything that grows with points: tables, indexes and TOAST, after a plain vacuum.
    private func bytesPerPoint() throws -> Double {
        try database.run("vacuum segments")
        try database.run("vacuum segment_values")
        return try database.number(
            """
            select (pg_total_relation_size('segments') + pg_total_relation_size('segment_values')
                + pg_total_relation_size('row_values') + pg_total_relation_size('series'))::float8
                / (select sum(count) from series)
            """)
    }
}
