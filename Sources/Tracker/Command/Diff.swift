import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show in what two runs differ: config, summary, code, environment.",
        discussion: """
              tracker diff u2pcubkl x81jq02c
              tracker diff u2pcubkl x81jq02c --format json
            """)

    @Argument(help: "A run: its id.")
    var left: String

    @Argument(help: "Another.")
    var right: String

    @Option(help: "How to print it: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let facts = try await withDatabase { store in
            [
                RunDetails.facts(of: try await store.run(called: left)),
                RunDetails.facts(of: try await store.run(called: right)),
            ]
        }
        let (first, second) = (facts[0], facts[1])
        let keys = Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }.sorted()
        let rows = keys.map { [Table.Cell.text($0), .init(first[$0]), .init(second[$0])] }
        try printTable(Table(columns: ["what", "left", "right"], rows: rows), as: format)
    }
}
