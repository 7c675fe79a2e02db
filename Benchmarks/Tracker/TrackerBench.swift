import ArgumentParser
import BenchmarkSupport
import Foundation

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
        let rows = try await Workshop.open(peer: "mlflow") { try await measure($0) }
        print(try Report.text(rows, peer: "MLflow", format: format))
    }

    private func measure(_ workshop: Workshop) async throws -> [Figure] {
        let bench = TrackerMeasurements(
            tracker: workshop.program("tracker"), database: workshop.database, folder: workshop.folder)
        var rows = try bench.run(large: large)
        if !skipPeer {
            try await Task.sleep(for: .seconds(2))
            let url = "postgresql+psycopg2://saga@/mlflow?host=\(try workshop.socket())"
            let text = try Program(path: python, environment: workshop.environment).run([peer, url])
            let figures = try JSONDecoder().decode(PeerFigures.self, from: Data(text.utf8))
            note("MLflow \(figures.version)")
            figures.add(to: &rows)
        }
        return rows
    }
}
