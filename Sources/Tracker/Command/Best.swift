import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Best: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank runs, or configurations, by a metric.",
        discussion: """
            With --group-by, runs that agree in these config keys (seeds, say) are averaged.

              tracker best --sweep my-sweep --metric '[Eval]/loss' --group-by subset,masking
              tracker best --project clips --where 'config.lr < 0.01' --metric loss --aggregate mean --last-k 100
              tracker best --project clips --metric probe/image_given_audio --top 3 --format json
            """)

    @OptionGroup var selection: RunSelection

    @Option(help: "Metric to rank by, as it was logged.")
    var metric: String

    @Option(help: "minimize or maximize. (default: the sweep's own goal, else minimize)")
    var goal: Goal?

    @Option(help: "Which of a run's values counts: last, min, max, or the mean of the last ones.")
    var aggregate = BestQuery.Aggregate.last

    @Option(help: "How many values --aggregate mean takes.")
    var lastK = 10

    @Option(help: "Config keys, joined by commas.")
    var groupBy = KeyList()

    @Option(help: "How many to show.")
    var top = 10

    @Option(help: "How to print them: table, json or csv.")
    var format = OutputFormat.table

    func validate() throws {
        if selection.isEmpty {
            throw ValidationError("Say which runs: --sweep NAME, --project NAME, --run or --where.")
        }
        if lastK < 1 { throw ValidationError("--last-k must be at least 1.") }
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    func run() async throws {
        let rows = try await withDatabase { store in
            try await store.best(
                BestQuery(
                    sweep: selection.sweep, project: selection.project,
                    filter: try await selection.predicate(in: store), metric: metric, goal: goal,
                    aggregate: aggregate, lastCount: lastK, groupBy: groupBy.keys, limit: top))
        }
        let table = BestTable.table(rows, metric: metric)
        try printRows(rows, as: format, table: table, csv: table)
    }
}

extension Goal: ExpressibleByArgument {}
extension BestQuery.Aggregate: ExpressibleByArgument {}
