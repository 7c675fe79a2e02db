import ArgumentParser
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a sweep on this machine, or goes on with one that was interrupted.",
        discussion: """
            Trainers that outlived an earlier sweeper are taken over; what died is started again from its checkpoint.
            What failed is tried again: mend the cause first. A finished sweep is left alone; --new starts another.
            Exit code 0: everything is done; 1: something failed; 130: stopped by Ctrl-C, the trainers go on.

            EXAMPLES
              sweeper run Sweeps/demo.yaml
              sweeper run Sweeps/demo.yaml --slots 2
              sweeper run Sweeps/demo.yaml --new        once more from the beginning
            """)

    @Argument(help: "Sweep file: W&B's sweep schema in YAML, and the key 'stages'.")
    var file: String

    @Option(help: "Trainers at a time; they share the cores.")
    var slots = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Start another sweep even if one of this name and definition exists.")
    var new = false

    @Option(
        help: ArgumentHelp(
            "Address that is told when the sweep is over or a stage has failed for good: HTTP POST of JSON.",
            valueName: "url"))
    var webhook: String?

    @Option(help: "Shell command that is started then, with the same JSON on its input and SAGA_EVENT set.")
    var notifyCommand: String?

    func validate() throws {
        if let webhook, Webhook(webhook) == nil {
            throw ValidationError("--webhook must be an address like https://example.org/hook, not '\(webhook)'")
        }
        guard (1...1024).contains(slots) else { throw ValidationError("--slots must be from 1 to 1024, not \(slots)") }
    }

    func run() async throws {
        let allDone = try await SweepSession(
            file: file, slots: slots, new: new, webhook: webhook.flatMap(Webhook.init), notifyCommand: notifyCommand
        ).run()
        if !allDone { throw ExitCode(1) }
    }
}
