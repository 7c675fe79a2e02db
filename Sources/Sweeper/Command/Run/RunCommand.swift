import ArgumentParser
import Experiment
import SweepDefinition
import TrackerClient

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a sweep, or goes on with one that was interrupted.",
        discussion: """
            Trainers that outlived an earlier sweeper are taken over; what died is started again from its checkpoint. \
            What failed is tried again: mend the cause first. A finished sweep is left alone; --new starts another. \
            What another sweep of the project has made already is taken over where its files are whole ('sweeper plan' \
            says which); --no-reuse runs it again.

            A stage may have a 'program' and a 'command' of its own, after the trainer's stages or in their place; beside \
            W&B's macros these know ${directory} (the run's own folder), ${input:NAME} (that of a stage before) and ${stage}.

            Exit code 0: everything is done; 1: something failed; 130: stopped by Ctrl-C, the trainers go on; a \
            second Ctrl-C ends them too.

            EXAMPLES
              sweeper run Sweeps/demo.yaml
              sweeper run Sweeps/demo.yaml --slots 2
              sweeper run sweep.yaml --gpus 0,1 --trainers-per-gpu 3
              sweeper run Sweeps/demo.yaml --new --no-reuse     once more from the beginning
              sweeper run demo                                  what is left of a sweep that the tracker has
              sweeper run sweep.yaml --launcher slurm --partition gpu --ceiling 16
            """)

    @Argument(
        help: "Sweep file, W&B's schema in YAML and our keys beside it; or the name or id of a sweep that exists.")
    var file: String

    @Option(help: "Trainers at a time; they share the cores. Default: one a core, or as many as the GPUs take.")
    var slots: Int?

    @Option(help: "GPUs to use, as 0,1. Each trainer gets one. Default: all that CUDA_VISIBLE_DEVICES leaves.")
    var gpus: String?

    @Option(help: "Trainers at a time on each GPU.")
    var trainersPerGpu: Int?

    @Flag(help: "Start another sweep even if one of this name and definition exists.")
    var new = false

    @Flag(help: "Run every stage, even if another sweep has made the same.")
    var noReuse = false

    @Option(
        help: ArgumentHelp(
            "Address that is told when the sweep is over or a stage has failed for good: HTTP POST of JSON. Instead of "
                + "those of 'on_finish' and 'on_failure' in the file.",
            valueName: "url"))
    var webhook: String?

    @Option(
        help: "Shell command that is started then, with the same JSON on its input and SAGA_EVENT set, likewise.")
    var notifyCommand: String?

    enum LauncherName: String, ExpressibleByArgument, CaseIterable {
        case local
        case slurm
    }

    @Option(
        help: "Where trainers run: local, on this machine, or slurm, as jobs. Default: what the file's 'launcher' says."
    )
    var launcher: LauncherName?

    @OptionGroup var slurm: SlurmRunOptions

    func validate() throws {
        if let webhook, Webhook(webhook) == nil {
            throw ValidationError("--webhook must be an address like https://example.org/hook, not '\(webhook)'")
        }
        if let slots, !(1...1024).contains(slots) {
            throw ValidationError("--slots must be from 1 to 1024, not \(slots)")
        }
        if let trainersPerGpu, !(1...64).contains(trainersPerGpu) {
            throw ValidationError("--trainers-per-gpu must be from 1 to 64, not \(trainersPerGpu)")
        }
        _ = try indices()
    }

    func run() async throws {
        let source = try await SweepSource.find(file, SweepClient(address: TrackerAddress()))
        let definition = try Definition(text: source.text, file: source.file)
        let session = SweepSession(
            source: source, definition: definition, new: new, takesOver: !noReuse,
            targets: try NotificationTargets(definition, webhook: webhook, command: notifyCommand))
        if try await !session.run(by: runner(definition, session)) { throw ExitCode(1) }
    }

    /// The command line decides, then the file.
    private func runner(_ definition: Definition, _ session: SweepSession) throws -> any SweepRunner {
        switch (launcher, definition.launcher) {
        case (.slurm, .slurm(let file)?), (nil, .slurm(let file)?): try slurmRunner(definition, session, file)
        case (.slurm, _): try slurmRunner(definition, session, LauncherChoice.Slurm())
        case (.local, _), (nil, _): try localRunner(definition, session)
        }
    }

    private func localRunner(_ definition: Definition, _ session: SweepSession) throws -> LocalRunner {
        if let option = slurm.given {
            throw ValidationError("\(option) is for Slurm; add --launcher slurm, or leave it out")
        }
        let room = SweepRoom(slots: slots, gpus: try indices(), trainersPerGPU: trainersPerGpu)
        return try LocalRunner(word: file, definition, room, home: session.home, address: session.address)
    }

    private func slurmRunner(
        _ definition: Definition, _ session: SweepSession, _ file: LauncherChoice.Slurm
    ) throws -> SlurmRunner {
        let local = [("--slots", slots != nil), ("--gpus", gpus != nil), ("--trainers-per-gpu", trainersPerGpu != nil)]
        if let option = local.first(where: \.1)?.0 {
            throw ValidationError(
                "\(option) is for trainers on this machine; add --launcher local, or leave it out: the jobs ask Slurm for "
                    + "what 'resources' says")
        }
        return try SlurmRunner(
            definition, slurm.options(over: file), poll: slurm.poll ?? SlurmRunOptions.usualPoll, home: session.home,
            address: session.address)
    }

    private func indices() throws -> [Int]? {
        try gpus?.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let index = Int(word), index >= 0 else {
                throw ValidationError("--gpus lists GPUs by number, as 0,1, not '\(gpus ?? "")'")
            }
            return index
        }
    }
}
