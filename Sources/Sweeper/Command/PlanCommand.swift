import Output
import ArgumentParser
import Experiment
import SweepSearch

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows the trials of a sweep file, and which stages they share, without running anything.",
        discussion: """
            EXAMPLES
              sweeper plan Sweeps/demo.yaml
              sweeper plan Sweeps/demo.yaml --format csv > trials.csv
            """)

    @Argument(help: "Sweep file: W&B's sweep schema in YAML, and the key 'stages'.")
    var file: String

    @Option(help: "How to print the trials: table, json or csv.")
    var format = OutputFormat.table

    func run() throws {
        let plan = try SweepPlanner.plan(definitionText: SweepFile.read(file), file: file)
        printNote("sweep \(plan.name): \(plan.shares)")
        try printTable(plan.table, as: format)
    }
}
