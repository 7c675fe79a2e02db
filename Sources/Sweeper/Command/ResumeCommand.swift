import ArgumentParser
import Experiment
import Output
import TrackerClient

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Hands out stages again of a sweep that was paused or canceled.",
        discussion: """
            A canceled sweep goes on with what was not run; start 'sweeper run demo' where none is running.

            EXAMPLES
              sweeper resume demo
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        printNote(SweepStatus.sentence(try await client.edit(sweep: summary.id, SweepEdit(state: .running))))
    }
}
