import ArgumentParser
import Experiment
import Foundation
import Postgres

@main
struct TrackerBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tracker-bench",
        abstract: "Measure the tracker beside MLflow and a bare COPY.",
        discussion: "Started by Benchmarks/tracker, which builds what it needs.")

    @Option(help: "Python that has MLflow.")
    var python: String

    @Option(help: "The script that measures MLflow.")
    var peer: String

    @Flag(help: "Leave MLflow out.")
    var skipPeer = false

    @Flag(help: "Measure again on 10,000 runs and 100 million points.")
    var large = false

    @Option(help: "table or json.")
    var format = "table"

    func run() async throws {
        let folder = "/tmp/saga-bench-\(UUID().uuidString.prefix(8))"
        // The database server runs as another user when we are root: it must be able to pass.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = try await PrivateCluster.open(home: folder + "/postgres")
        do {
            let rows = try await measure(folder: folder, cluster: cluster)
            print(format == "json" ? try Report.json(rows) : Report.table(rows))
            try await cluster.release()
        } catch {
            try? await cluster.release()
            throw error
        }
    }

    private func measure(folder: String, cluster: PrivateCluster) async throws -> [Measurement] {
        for name in ["saga", "mlflow"] { try await cluster.createDatabase(name) }
        var environment = ProcessInfo.processInfo.environment
        environment["SAGA_HOME"] = folder + "/home"
        environment["DATABASE_URL"] = cluster.address(database: "saga").connectionString
        environment["SAGA_TOKEN"] = nil
        let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let psql = BareCopy(
            psql: Program(path: "/usr/bin/psql", environment: environment),
            address: cluster.address(database: "saga").connectionString, folder: folder)
        let bench = TrackerMeasurements(
            tracker: Program(path: programs + "/tracker", environment: environment), database: psql, folder: folder)
        var rows = try bench.run(large: large)
        if !skipPeer {
            try await Task.sleep(for: .seconds(2))
            let socket = try psql.run(
                "select split_part(setting, ', ', 1) from pg_settings where name = 'unix_socket_directories'"
            )
            .trimmingCharacters(in: .whitespacesAndNewlines)
            let url = "postgresql+psycopg2://saga@/mlflow?host=\(socket)"
            let text = try Program(path: python, environment: environment).run([peer, url])
            let figures = try JSONDecoder().decode(PeerFigures.self, from: Data(text.utf8))
            note("MLflow \(figures.version)")
            figures.add(to: &rows)
        }
        return rows
    }
}

func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
