import Output
import Experiment
import Foundation
import TrackerStore

/// Runs as rows.
enum RunTable {
    static func forPeople(_ runs: [RunSummary]) -> Table {
        Table(
            columns: ["run", "name", "state", "stage", "attempt", "took", "loss", "message"],
            rows: runs.map { run in
                [
                    .text(run.id.rawValue), .text(run.name), .text(run.state.rawValue), .init(run.jobType),
                    .integer(Int64(run.attempt)), .init(took(run)), .init(run.summary["loss"]), .init(run.message),
                ]
            })
    }

    /// Everything, with a column for each config and summary key of any run.
    static func complete(_ runs: [RunSummary]) -> Table {
        let configKeys = Set(runs.flatMap(\.config.keys)).sorted()
        let summaryKeys = Set(runs.flatMap(\.summary.keys)).sorted()
        return Table(
            columns: [
                "run", "project", "name", "group", "sweep", "stage", "state", "attempt", "exit_code", "message", "host",
                "created", "started", "finished",
            ] + configKeys.map { "config.\($0)" } + summaryKeys.map { "summary.\($0)" },
            rows: runs.map { run in
                let facts: [Table.Cell] = [
                    .text(run.id.rawValue), .text(run.project), .text(run.name), .init(run.group), .init(run.sweep),
                    .init(run.jobType), .text(run.state.rawValue), .integer(Int64(run.attempt)),
                    run.exitCode.map { .integer(Int64($0)) } ?? .empty, .init(run.message), .init(run.host),
                    time(run.created), time(run.started), time(run.finished),
                ]
                return facts + configKeys.map { .init(run.config[$0]) } + summaryKeys.map { .init(run.summary[$0]) }
            })
    }

    private static func took(_ run: RunSummary) -> String? {
        guard let started = run.started else { return nil }
        return NumberText.duration(seconds: (run.finished ?? Date()).timeIntervalSince(started))
    }

    private static func time(_ date: Date?) -> Table.Cell {
        .init(date.map { Date.ISO8601FormatStyle(includingFractionalSeconds: true).format($0) })
    }
}
