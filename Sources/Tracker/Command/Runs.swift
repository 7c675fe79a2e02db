import Output
import ArgumentParser
import Experiment
import TrackerStore

struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List runs, newest first.",
        discussion: """
            JSON and CSV hold each run's whole config and summary.

              tracker runs --sweep my-sweep --state failed
              tracker runs --format csv > runs.csv
            """)

    @Option(help: "Only runs of this project.")
    var project: String?

    @Option(help: "Only runs of this sweep: its name or id.")
    var sweep: String?

    @Option(help: "Only runs in this state: \(RunState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: RunState?

    @Option(help: "At most this many runs.")
    var limit = 1000

    @Option(help: "How to print them: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let filter = RunFilter(project: project, sweep: sweep, state: state, limit: limit)
        let runs = try await withDatabase { try await $0.runs(filter) }
        try printRows(runs, as: format, table: RunTable.forPeople(runs), csv: RunTable.complete(runs))
    }
}

extension RunState: ExpressibleByArgument {}
