import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List runs, newest first.",
        discussion: """
            JSON and CSV hold each run's whole config and summary, unless --columns says otherwise.

              tracker runs --sweep my-sweep --state failed
              tracker runs --where 'config.lr < 0.01 and tags = even' --order=-summary.loss
              tracker runs --project clips --columns run,config.lr,summary.loss --format csv > runs.csv
            """)

    @OptionGroup var selection: RunSelection

    @Option(help: "Only runs in this state: \(RunState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: RunState?

    @Option(
        help: ArgumentHelp(
            "Fields to sort by, joined by commas; a minus in front sorts from the greatest down.",
            discussion: "As --order=-summary.loss,name. (default: -created)", valueName: "fields"))
    var order: String?

    @Option(help: ArgumentHelp("Fields to show, joined by commas, as run,config.lr,summary.loss.", valueName: "fields"))
    var columns: KeyList?

    @Option(help: "At most this many runs.")
    var limit = 1000

    @Option(help: "How to print them: table, json or csv.")
    var format = OutputFormat.table

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let order = try order.map { try RunOrder(words: $0) } ?? .newestFirst
        let fields = try columns?.keys.map { try RunField(words: $0) } ?? []
        let page = try await withDatabase { store in
            var predicate = try await selection.predicate(in: store)
            if let state { predicate = .all([predicate, .equals(.column(.state), .string(state.rawValue))]) }
            return try await store.runs(matching: predicate, order: order, limit: limit)
        }
        if page.hasNext { printNote("there are more than these \(limit) runs; --limit shows more") }
        guard let columns else {
            return try printRows(
                page.runs, as: format, table: RunTable.forPeople(page.runs), csv: RunTable.complete(page.runs))
        }
        let table = Table(
            columns: columns.keys, rows: page.runs.map { run in fields.map { Table.Cell(run.value(of: $0)) } })
        try printTable(table, as: format)
    }
}

extension RunState: ExpressibleByArgument {}
