import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the curves of configurations.",
        discussion: """
            Runs that agree in the --by keys are averaged. The table shows where each curve ends; CSV and JSON hold
            every point, --plot draws them.

              tracker compare --sweep my-sweep --metric '[Eval]/loss' --by subset,masking --x tokens --plot loss.svg
              tracker compare --project clips --metric loss --by lr --smooth 0.9 --format csv
              tracker compare --sweep my-sweep --metric loss,image --by masking --baseline masking=uniform --format csv
            """)

    @OptionGroup var selection: RunSelection

    @Option(help: "Metrics, joined by commas.")
    var metric: KeyList

    @Option(help: "Config keys that tell curves apart, joined by commas.")
    var by = KeyList()

    @Option(help: "What to plot against: step, tokens (millions seen) or time (seconds).")
    var x = CompareQuery.Axis.step

    @Option(help: "Smooth each run's curve: the weight of the past in a moving average, from 0 to below 1.")
    var smooth = 0.0

    @Option(help: "Compare every curve with the one that has this KEY=VALUE; may be given for several keys.")
    var baseline: [String] = []

    @Option(help: "How to print them: table, csv or json.")
    var format = OutputFormat.table

    @Option(help: "Draw the curves into this SVG file.")
    var plot: String?

    func validate() throws {
        if selection.isEmpty {
            throw ValidationError("Say which runs: --sweep NAME, --project NAME, --run or --where.")
        }
        if !(0..<1).contains(smooth) { throw ValidationError("--smooth must be from 0 to below 1.") }
        if metric.keys.isEmpty { throw ValidationError("--metric needs at least one metric.") }
        for pair in baseline where !pair.dropFirst().contains("=") {
            throw ValidationError("--baseline takes KEY=VALUE, not '\(pair)'.")
        }
    }

    func run() async throws {
        let pairs = baseline.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        let (query, points) = try await withDatabase { store in
            let query = CompareQuery(
                sweep: selection.sweep, project: selection.project,
                filter: try await selection.predicate(in: store), metrics: metric.keys, by: by.keys, axis: x,
                smoothing: smooth, baseline: Dictionary(pairs, uniquingKeysWith: { $1 }))
            return (query, try await store.compare(query))
        }
        if let plot { try writeOutputFile(ComparePlot.plot(points, query: query).svg(), to: plot) }
        try printRows(
            points, as: format, table: CompareTable.ends(points, query: query),
            csv: CompareTable.complete(points, query: query))
    }
}

extension CompareQuery.Axis: ExpressibleByArgument {}
