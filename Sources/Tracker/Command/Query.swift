import ArgumentParser
import Foundation
import Output
import Postgres
import TrackerStore

struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer a question in SQL about the record.",
        discussion: """
            One select over the views history (every number logged: project, sweep, run, metric, attempt, sequence,
            step, time, value), logged_values (texts, media), system_metrics, and the tables runs, sweeps, trials,
            stages, files, console_lines, alerts and series. It runs as a role that may only read, made for the
            question and dropped after it; with SAGA_READ_URL set, as the role that this address names.

              tracker query "select run, max(value) from history where metric = 'acc' group by run"
              tracker query "select config->>'lr' as lr, count(*) from runs group by 1" --format csv
            """)

    @Argument(help: "The question.")
    var sql: String

    @Option(help: "How long it may take, as 30s or 5m.")
    var timeout = TimeSpan(seconds: 30)

    @Option(help: "How to print the answer: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let query = ReadOnlyQuery(sql: sql, timeout: timeout.seconds)
        let printer = AnswerPrinter(format: format, output: try ByteOutput(path: nil))
        if let reader = ProcessInfo.processInfo.environment["SAGA_READ_URL"], !reader.isEmpty {
            try await query.run(as: PostgresAddress(reader, advice: "check SAGA_READ_URL")) {
                try await printer.add($0)
            }
        } else {
            try await withOpenDatabase { database in
                try await query.run(at: database.address) { try await printer.add($0) }
            }
        }
        try await printer.finish()
    }
}
