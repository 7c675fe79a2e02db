import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the complete histories of runs, as CSV or JSON lines.",
        discussion: """
            A line a point (run, attempt, metric, step, time, value), or with --wide a line a log call and a column a
            metric. Nothing is sampled, numbers have as many digits as bring every bit back, times are seconds since
            1970; the same runs give the same bytes each time: the oldest run first, each in the order of its logging.

              tracker export --sweep my-sweep > history.csv
              tracker export --run u2pcubkl --metric loss,lr --wide --output loss.csv
              tracker export --project clips --where 'tags = even' --texts --format jsonl | gzip > history.jsonl.gz
            """)

    @OptionGroup var selection: RunSelection

    @Option(help: "Only these metrics, joined by commas.")
    var metric: KeyList?

    @Flag(help: "One column a metric instead of one line a point.")
    var wide = false

    @Flag(help: "Also what is no number: texts, media, structures, integers beyond 2^53, as JSON.")
    var texts = false

    @Flag(help: "What the runs' machines did meanwhile, instead of what the runs logged.")
    var system = false

    @Option(help: "csv or jsonl.")
    var format = Format.csv

    @Option(name: .shortAndLong, help: "File to write; it appears when it is complete. (default: standard output)")
    var output: String?

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv
        case jsonl
    }

    func run() async throws {
        try await withDatabase { store in
            let runs = try await selection.select(in: store)
            let stream: HistoryStream = system ? .system : .metrics
            let metrics = metric?.keys
            let columns = wide ? try await store.historyNames(of: runs.map(\.number), stream, texts: texts) : []
            let lines = try await HistoryExporter.export(
                runs, stream, metrics: metrics, as: layout(columns.filter { metrics?.contains($0) ?? true }),
                to: output, from: store)
            printNote("\(runs.count) runs, \(lines) lines")
        }
    }

    private func layout(_ columns: [String]) -> any HistoryLayout {
        switch (format, wide) {
        case (.csv, false): LongCSV(texts: texts)
        case (.csv, true): WideCSV(columns: columns, texts: texts)
        case (.jsonl, _): HistoryJSONLines(isWide: wide, texts: texts)
        }
    }
}
