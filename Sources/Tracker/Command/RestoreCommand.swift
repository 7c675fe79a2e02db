import ArgumentParser
import Experiment
import Output
import TrackerOperations

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Take a backup back, into a tracker that holds nothing yet.",
        discussion: """
            Stop the tracker first. The archive is checked before anything is changed. Only restore what you trust as
            much as a program: a database's dump can hold any statement.

              tracker restore saga-2026-11-23.tar
              tracker restore --force saga-2026-11-23.tar
            """)

    @Argument(help: "File that 'tracker backup' wrote.")
    var file: String

    @Flag(help: "Replace everything that the tracker holds.")
    var force = false

    func run() async throws {
        try await withOpenDatabase {
            try await Restore.read(from: file, database: $0, home: SagaHome(), force: force)
        }
        printNote("restored \(file)")
    }
}
