import ArgumentParser
import Foundation

@main
struct SweeperBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweeper-bench",
        abstract: "Measure the sweeper, beside Optuna.",
        discussion: "Started by Benchmarks/sweeper, which builds what it needs.")

    @Option(help: "Python that has Optuna.")
    var python: String

    @Option(help: "The script that measures Optuna.")
    var peer: String

    @Flag(help: "Leave Optuna out.")
    var skipPeer = false

    @Option(help: "table or json.")
    var format = "table"

    func run() async throws {
        var rows = try SearchMeasurements().run()
        if !skipPeer { try OptunaFigures.measure(python: python, peer: peer).add(to: &rows) }
        print(format == "json" ? try SweeperMeasurement.json(rows) : SweeperMeasurement.table(rows))
    }
}
