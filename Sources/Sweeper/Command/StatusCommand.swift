import Output
import ArgumentParser
import Experiment
import TrackerClient

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the sweeps of the tracker, or how far one of them is.",
        discussion: """
            EXAMPLES
              sweeper status
              sweeper status demo
              sweeper status demo --format csv > stages.csv
            """)

    @Argument(help: "Name or id of a sweep; without it all sweeps are listed.")
    var sweep: String?

    @Option(
        help: "How to print: table, json or csv. json and csv have every stage, table those at work or failed.")
    var format = OutputFormat.table

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        guard let sweep else {
            return try printTable(SweepStatus.table(of: try await client.sweeps()), as: format)
        }
        let summary = try await client.sweep(sweep)
        try SweepStatus(sweep: summary, stages: try await client.stages(sweep: summary.id)).print(format)
    }
}
