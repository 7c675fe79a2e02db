import ArgumentParser
import Foundation
import Output
import TrackerImport

struct ImportMLflow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow",
        abstract: "Import the runs of an MLflow tracking server.",
        discussion: """
            Experiments become projects, parameters the config (as numbers where they are spelt as such), and every
            value of every metric is kept with its step and time. Artifacts stay on the server. Safe to repeat: a run
            that is there already only gets what is new. MLFLOW_TRACKING_TOKEN is used where it is set.

              tracker import mlflow http://127.0.0.1:5000
              tracker import mlflow https://mlflow.example.org --experiment clips --project clips
            """)

    @Argument(help: ArgumentHelp("Address of the server.", valueName: "uri"))
    var address: String

    @Option(help: "Only this experiment.")
    var experiment: String?

    @Option(help: "Project to put the runs in. (default: the experiment's name)")
    var project: String?

    @Option(help: "How to print what was imported: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let token = ProcessInfo.processInfo.environment["MLFLOW_TRACKING_TOKEN"]
        var report = ImportReport()
        do {
            try await withDatabase { store in
                let source = try MLflowImport(store: store, address: address, token: token, project: project)
                try await source.run(experiment: experiment) { report.add($0) }
            }
        } catch {
            // What came before the error is there.
            if !report.isEmpty { try report.print(format) }
            throw error
        }
        try report.print(format)
    }
}
