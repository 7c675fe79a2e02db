import ArgumentParser
import Experiment
import Foundation
import Output
import SweepLaunchers
import TrackerClient

struct GarbageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Deletes folders of runs that no sweep needs any more.",
        discussion: """
            The tracker says which: of stages that were stopped early, and those for which the project has a newer \
            result. What a sweep that is not over has or may read, what stands for a stage of another sweep, and what \
            carries a tag is never among them. Only folders below SAGA_HOME/runs on this machine are deleted, and none \
            whose trainer is alive; the record stays.

            EXAMPLES
              sweeper gc --dry-run
              sweeper gc --project saga
            """)

    @Option(help: "Project of the runs.")
    var project = "saga"

    @Flag(help: "Only say what would be deleted.")
    var dryRun = false

    @Option(help: "How to print: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let home = SagaHome()
        let unneeded = try await SweepClient(address: TrackerAddress()).unneeded(project: project)
        var rows: [[Table.Cell]] = []
        var bytes: Int64 = 0
        for run in unneeded {
            let directory = home.runDirectory(run.run)
            guard RunFolder.isOwn(directory, claimed: run.directory) else { continue }
            guard ProcessTable.find(argument: directory + "/run.json") == nil else {
                printNote("\(directory) stays: its trainer is alive, though nobody waits for it")
                continue
            }
            let size = RunFolder.size(directory)
            bytes += size
            rows.append([.text(run.run.rawValue), .text(directory), .integer(size)])
            if !dryRun { try RunFolder.remove(directory) }
        }
        try printTable(Table(columns: ["run", "directory", "bytes"], rows: rows), as: format)
        let folders = "\(rows.count) \(rows.count == 1 ? "folder" : "folders")"
        printNote("\(folders), \(NumberText.bytes(bytes)) \(dryRun ? "would be deleted" : "deleted")")
    }
}
