import ArgumentParser
import Experiment
import Output
import TrackerClient

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Makes stages that failed pending again, with a full round of attempts.",
        discussion: """
            A sweeper that works on the sweep takes them up; else start one: 'sweeper run demo'.

            EXAMPLES
              sweeper retry demo --failed      whatever has failed
              sweeper retry demo 3 17          trials 3 and 17, failed or not
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    @Argument(help: "Numbers of trials that shall run again, done or not.")
    var trials: [Int] = []

    @Flag(help: "Whatever has failed.")
    var failed = false

    func validate() throws {
        guard failed != !trials.isEmpty else {
            throw ValidationError("give either --failed or numbers of trials")
        }
        if let wrong = trials.first(where: { $0 < 1 }) {
            throw ValidationError("trials are numbered from 1; there is no \(wrong)")
        }
    }

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        let answer = try await client.retry(
            sweep: summary.id, RetryRequest(trials: failed ? nil : Array(Set(trials)).sorted()))
        printNote(
            answer.stages == 0
                ? "nothing to try again in \(summary.name) (\(summary.id))"
                : "\(answer.stages) \(answer.stages == 1 ? "stage is" : "stages are") pending again; "
                    + SweepStatus.sentence(answer.sweep))
    }
}
