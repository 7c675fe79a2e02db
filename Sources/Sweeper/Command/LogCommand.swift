import ArgumentParser
import Experiment
import Foundation
import Output
import TrackerClient

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Prints what a trial's trainers printed, attempt after attempt.",
        discussion: """
            Read from the run's folder where it is on this machine, else from the tracker. With -f it goes on until the \
            trial is over, through new attempts and rotated files.

            EXAMPLES
              sweeper log demo 3
              sweeper log demo 3 --stage generate
              sweeper log demo 3 -f
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    @Argument(help: "Number of the trial.")
    var trial: Int

    @Option(help: "Only this stage of the trial.")
    var stage: String?

    @Flag(name: .shortAndLong, help: "Wait for more until the trial is over.")
    var follow = false

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        let trials = try await client.trials(sweep: summary.id)
        guard let wanted = trials.first(where: { $0.number == trial }) else {
            throw CommandError(
                "unknown_trial", "\(summary.name) has no trial \(trial); it has the trials 1 to \(trials.count)")
        }
        let all = try await client.stages(sweep: summary.id)
        let stages = wanted.stages.compactMap { key in all.first { $0.key == key } }
            .filter { stage == nil || $0.name == stage }
        guard !stages.isEmpty else {
            throw CommandError(
                "unknown_stage", "trial \(trial) has no stage '\(stage ?? "")'; see 'sweeper status \(sweep)'")
        }
        for stage in stages {
            if stages.count > 1 { printNote("== \(stage.name) \(stage.title), run \(stage.run.rawValue)") }
            try await TrialOutput(client: client, sweep: summary.id, stage: stage, home: SagaHome()).show(
                follow: follow)
        }
    }
}
