import Output
import ArgumentParser
import Experiment
import Foundation
import TrackerClient

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Upload what runs logged while no tracker was there.",
        discussion: """
            Takes the directories of runs. Safe to repeat, and while a run is going on: the tracker takes every record
            once. Talks to the tracker at SAGA_URL, with the token in SAGA_TOKEN if there is one.

              tracker sync .saga/runs/*
            """)

    @Argument(help: ArgumentHelp("Directories of runs.", valueName: "dir"))
    var directories: [String]

    func run() async throws {
        let address = TrackerAddress()
        for directory in directories {
            let run = try runID(of: directory)
            let records = try RunLogSync.upload(directory: directory, run: run, address: address)
            printOutput("\(run): the tracker holds all \(records) records")
        }
    }

    private func runID(of directory: String) throws -> RunID {
        guard !RunLog.attempts(directory: directory).isEmpty else {
            throw CommandError(
                "no_log", "\(directory): has no run log (log-1.sagalog); give the directory of a run")
        }
        let settings = try? RunSettings.read(from: directory + "/run.json")
        let name = URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent
        guard let run = settings?.id ?? RunID(rawValue: name) else {
            throw CommandError("no_run_id", "\(directory): is not named like a run and has no run.json that names one")
        }
        return run
    }
}
