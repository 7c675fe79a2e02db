import ArgumentParser
import Output

@main
struct Tracker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tracker",
        abstract: "Keeps what runs do, and answers which did best.",
        discussion: """
            The record is a PostgreSQL database: the one that DATABASE_URL names, else a private one below SAGA_HOME
            (default .saga), which needs no setting up.

              tracker serve
              tracker best --sweep my-sweep --metric loss --group-by subset,masking
              tracker compare --sweep my-sweep --metric loss --by subset,masking --plot loss.svg
            """,
        version: "0.1.0",
        subcommands: [
            Serve.self,
            Runs.self,
            Best.self,
            Compare.self,
            Sheet.self,
            Sync.self,
            Show.self,
            Export.self,
            Query.self,
            Import.self,
            Diff.self,
            Console.self,
            Tag.self,
            Delete.self,
            Token.self,
            Compact.self,
            BackupCommand.self,
            RestoreCommand.self,
            DoctorCommand.self,
            PruneCommand.self,
        ])

    static func main() async { await runAsMain() }
}
