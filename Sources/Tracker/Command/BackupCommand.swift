import ArgumentParser
import Experiment
import Output
import TrackerOperations

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write everything that the tracker keeps to one file; the tracker may be running.",
        discussion: """
            The file is a tar archive of the database (pg_dump's custom format), the files and a manifest with
            checksums. It holds what the tracker's files hold, so keep it as private.

              tracker backup saga-2026-11-23.tar
            """)

    @Argument(help: "File to write.")
    var file: String

    func run() async throws {
        let count = try await withOpenDatabase { try await Backup.write(to: file, database: $0, home: SagaHome()) }
        printNote("wrote \(file): the database and \(count) files")
    }
}
