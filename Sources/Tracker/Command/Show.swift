import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything about a run.",
        discussion: """
            Config, summary, metrics, tags and notes, code state and environment, files, alerts and the end of the
            output. 'tracker export --run' has its history.

              tracker show u2pcubkl
              tracker show u2pcubkl --format json
            """)

    @Argument(help: "The run: its id.")
    var run: String

    @Option(help: "Lines of its output to show, from the end.")
    var lines = 20

    @Option(help: "How to print it: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let details = try await withDatabase { store in
            try await RunDetails(of: try await store.run(called: run), lines: max(0, lines), in: store)
        }
        switch format {
        case .json: printOutput(details.json.text)
        case .csv: try printTable(details.allFacts, as: .csv)
        case .table:
            for (title, table) in details.sections where !table.rows.isEmpty {
                printOutput(title.isEmpty ? "" : "\n\(title)")
                try printTable(table, as: .table)
            }
        }
    }
}
