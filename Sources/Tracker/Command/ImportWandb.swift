import ArgumentParser
import Experiment
import Output
import TrackerImport
import TrackerServer

struct ImportWandb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wandb",
        abstract: "Import runs that W&B's client recorded offline.",
        discussion: """
            Takes folders of runs (offline-run-DATE-ID, run-DATE-ID) or folders of such. Histories are kept whole, with
            config, summary, system metrics, output, files and media. Logs that were cut off or damaged are read as far
            as they are whole. Safe to repeat: a run that is there already only gets what is new.

              tracker import wandb wandb/
              tracker import wandb wandb/offline-run-* --project clips
            """)

    @Argument(help: ArgumentHelp("Folders.", valueName: "dir"))
    var folders: [String]

    @Option(help: "Project to put the runs in. (default: the one that each run names)")
    var project: String?

    @Option(help: "How to print what was imported: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        var report = ImportReport()
        do {
            try await withDatabase { store in
                let source = WandbImport(store: store, files: FileStore(root: SagaHome().files), project: project)
                for folder in folders { try await source.run(folder) { report.add($0) } }
            }
        } catch {
            // What came before the error is there.
            if !report.isEmpty { try report.print(format) }
            throw error
        }
        try report.print(format)
    }
}
