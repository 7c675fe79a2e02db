import ArgumentParser
import Experiment
import Foundation
import Output
import TrackerServer
import TrackerStore

struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete runs with everything that they logged and uploaded.",
        discussion: """
            Names the runs, or selects them as 'tracker runs' does; asks before it deletes. There is no way back.

              tracker delete u2pcubkl
              tracker delete --where 'state = crashed and duration < 60' --dry-run
              tracker delete --sweep old-sweep --yes
            """)

    @Argument(help: ArgumentHelp("Runs: their ids.", valueName: "run"))
    var names: [String] = []

    @OptionGroup var selection: RunSelection

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Only say which runs it would be.")
    var dryRun = false

    @Option(help: "How to print the runs: table, json or csv.")
    var format = OutputFormat.table

    func validate() throws {
        if names.isEmpty && selection.isEmpty {
            throw ValidationError("Say which runs: their ids, or --where and so on.")
        }
    }

    func run() async throws {
        var selection = selection
        selection.runs += names
        try await withDatabase { [selection] store in
            let runs = try await selection.select(in: store, own: true).map(\.id)
            if !dryRun {
                guard !runs.isEmpty else { return printNote("there is no such run") }
                guard try confirmed(runs.count) else { return printNote("nothing is deleted") }
                let files = FileStore(root: SagaHome().files)
                for run in try await store.deleteRuns(runs) { try files.remove(run: run) }
            }
            try printTable(Table(columns: ["run"], rows: runs.map { [.text($0.rawValue)] }), as: format)
            let words = "\(runs.count) \(runs.count == 1 ? "run" : "runs")"
            printNote(dryRun ? "\(words) would be deleted" : "\(words) deleted")
        }
    }

    private func confirmed(_ count: Int) throws -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandError("not_confirmed", "deletes \(count) runs for good; say --yes where nobody can be asked")
        }
        printNote("delete \(count) \(count == 1 ? "run" : "runs") for good? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased())
    }
}
