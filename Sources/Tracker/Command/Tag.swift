import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Tag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add tags to runs, or take them off.",
        discussion: """
            Names the runs, or selects them as 'tracker runs' does. Prints the runs that have changed.

              tracker tag u2pcubkl x81jq02c --add baseline --remove draft
              tracker tag --where 'summary.loss < 0.1' --add good
            """)

    @Argument(help: ArgumentHelp("Runs: their ids.", valueName: "run"))
    var names: [String] = []

    @OptionGroup var selection: RunSelection

    @Option(help: "Tags to add, joined by commas.")
    var add = KeyList()

    @Option(help: "Tags to take off, joined by commas.")
    var remove = KeyList()

    @Option(help: "How to print the runs: table, json or csv.")
    var format = OutputFormat.table

    func validate() throws {
        if names.isEmpty && selection.isEmpty {
            throw ValidationError("Say which runs: their ids, or --where and so on.")
        }
        if add.keys.isEmpty && remove.keys.isEmpty { throw ValidationError("Say which tags: --add or --remove.") }
    }

    func run() async throws {
        var selection = selection
        selection.runs += names
        let table = try await withDatabase { [selection] store in
            var table = Table(columns: ["run", "tags"])
            for run in try await selection.select(in: store) {
                if let tags = try await store.changeTags(of: run.id, adding: add.keys, removing: remove.keys) {
                    table.rows.append([.text(run.id.rawValue), .text(tags.joined(separator: ","))])
                }
            }
            return table
        }
        try printTable(table, as: format)
    }
}
