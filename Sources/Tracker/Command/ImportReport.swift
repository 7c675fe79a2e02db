import Experiment
import Output
import TrackerImport

/// What an import has brought along, shown as it grows and at the end.
struct ImportReport {
    private var table = Table(columns: ["project", "run", "name", "rows", "files", "skipped", "new"])
    private var progress = ProgressLine()

    var isEmpty: Bool { table.rows.isEmpty }

    mutating func add(_ run: ImportedRun) {
        table.rows.append([
            .text(run.project), .text(run.run.rawValue), .init(run.name), .init(run.rows), .init(run.files),
            .init(run.skipped), .text(run.wasKnown ? "no" : "yes"),
        ])
        progress.show("\(table.rows.count) runs, now \(run.run)")
        guard run.skipped > 0 else { return }
        progress.clear()
        printNote("\(run.run): \(run.skipped) damaged or unusable pieces were left out")
    }

    mutating func print(_ format: OutputFormat) throws {
        progress.clear()
        try printTable(table, as: format)
    }
}
