import ArgumentParser
import Experiment
import Output
import TrackerClient

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ends a sweep: nothing new is handed out, and what runs is told to stop.",
        discussion: """
            The sweepers that hold the trials hear of it with their next report, on whatever machine they are: they end the trainers with SIGTERM, so that they write a checkpoint, and with SIGKILL when they do not go.

            EXAMPLES
              sweeper cancel demo
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        printNote(SweepStatus.sentence(try await client.edit(sweep: summary.id, SweepEdit(state: .canceled))))
    }
}
