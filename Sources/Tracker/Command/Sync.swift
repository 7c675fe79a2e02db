import Output
import ArgumentParser
import Experiment
import Foundation
import TrackerClient

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Upload what runs logged while no tracker was there.",
        discussion: """
            Takes the directories of runs, or directories of such, and patterns in quotes. Safe to repeat, and while a
            run is going on: the tracker takes every record once. Talks to the tracker at SAGA_URL, with the token in
            SAGA_TOKEN if there is one.

              tracker sync .saga/runs
              tracker sync 'node*/runs/*'
            """)

    @Argument(help: ArgumentHelp("Directories of runs.", valueName: "dir"))
    var directories: [String]

    func run() async throws {
        let address = TrackerAddress()
        var progress = ProgressLine()
        let found = try directories.flatMap { try RunFolders.find($0) }
        for (index, directory) in found.enumerated() {
            let run = try runID(of: directory)
            progress.show("\(index + 1) of \(found.count): \(run)")
            let records = try RunLogSync.upload(directory: directory, run: run, address: address)
            progress.clear()
            printOutput("\(run): the tracker holds all \(records) records")
        }
    }

    private func runID(of directory: String) throws -> RunID {
        let settings = try? RunSettings.read(from: directory + "/run.json")
        let name = URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent
        guard let run = settings?.id ?? RunID(rawValue: name) else {
            throw CommandError("no_run_id", "\(directory): is not named like a run and has no run.json that names one")
        }
        return run
    }
}
