import ArgumentParser
import Experiment
import Output
import TrackerClient

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Hands out nothing new of a sweep until it is resumed; what runs goes on.",
        discussion: """
            Sweepers that work on it wait, on whatever machine they are.

            EXAMPLES
              sweeper pause demo
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        printNote(SweepStatus.sentence(try await client.edit(sweep: summary.id, SweepEdit(state: .paused))))
    }
}
