import ArgumentParser
import Experiment
import Output
import SweepSearch
import TrackerClient

struct ExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Adds values or trials to a sweep, running or finished; only what is new will run.",
        discussion: """
            Write more values into the sweep's file and give that: trials that the sweep has stay as they are. With
            --trials the sweep may have so many trials more, where they are drawn or 'run_cap' bounds them.

            EXAMPLES
              sweeper extend demo Sweeps/demo.yaml
              sweeper extend search --trials 20
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    @Argument(help: "The sweep's file with more values.")
    var file: String?

    @Option(help: "So many trials more.")
    var trials: Int?

    func validate() throws {
        guard file != nil || trials != nil else { throw ValidationError("give a FILE with more values, or --trials N") }
        if let trials, trials < 1 { throw ValidationError("--trials must be at least 1, not \(trials)") }
    }

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        let text = try file.map { try SweepFile.read($0) }
        let answer = try await client.extend(
            sweep: summary.id, ExtendRequest(definition: text, file: file, trials: trials))
        printNote(
            "\(answer.addedTrials) trials and \(answer.addedStages) stages are new; "
                + SweepStatus.sentence(answer.sweep))
    }
}
