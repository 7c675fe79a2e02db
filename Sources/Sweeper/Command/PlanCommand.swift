import ArgumentParser
import Experiment
import Output
import SweepSearch
import TrackerClient

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows the trials of a sweep file, and which stages they share, without running anything.",
        discussion: """
            Where a tracker answers it also says which stages are done already (marked * in the table), by any sweep of \
            the project, and how many GPU hours the rest takes, judged by finished runs of the same model. What is done \
            counts where its files are on this machine and as they were made. Nothing is written anywhere.

            EXAMPLES
              sweeper plan Sweeps/demo.yaml
              sweeper plan Sweeps/demo.yaml --limit 10
              sweeper plan Sweeps/demo.yaml --format csv > trials.csv
              sweeper plan Sweeps/demo.yaml --format json | jq '.trials | length'
              sweeper plan Sweeps/joint-vs-pairs-gpu.yaml --format json | jq .gpu_hours
            """)

    @Argument(help: "Sweep file: W&B's sweep schema in YAML, and our keys beside it.")
    var file: String

    @Option(help: "How to print the trials: table, json or csv.")
    var format = OutputFormat.table

    @Option(help: "Show no more trials than this; everything else still speaks of all.")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
    }

    func run() async throws {
        let plan = try SweepPlanner.plan(definitionText: SweepFile.read(file), file: file)
        var report = PlanReport(plan, await PlanRecord.ask(about: plan, SweepClient(address: TrackerAddress())))
        report.notes.forEach(printNote)
        let table = report.table(limit: limit)
        let hidden = report.trials.count - table.rows.count
        if let limit { report.trials = Array(report.trials.prefix(limit)) }
        switch format {
        case .json: printOutput(String(decoding: try JSONCoding.encode(report), as: UTF8.self))
        case .table where plan.trials.isEmpty: break
        case .table, .csv: try printTable(table, as: format)
        }
        if hidden > 0 { printNote("\(hidden) \(hidden == 1 ? "trial" : "trials") more; a larger --limit shows them") }
    }
}
