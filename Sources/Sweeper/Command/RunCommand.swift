import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a sweep on this machine, or goes on with one that was interrupted.",
        discussion: """
            Trainers that outlived an earlier sweeper are taken over; what died is started again from its checkpoint.
            What failed is tried again: mend the cause first. A finished sweep is left alone; --new starts another.
            Exit code 0: everything is done; 1: something failed; 130: stopped by Ctrl-C, the trainers go on; a
            second Ctrl-C ends them too.

            EXAMPLES
              sweeper run Sweeps/demo.yaml
              sweeper run Sweeps/demo.yaml --slots 2
              sweeper run sweep.yaml --gpus 0,1 --trainers-per-gpu 3
              sweeper run Sweeps/demo.yaml --new        once more from the beginning
              sweeper run sweep.yaml --launcher slurm --partition gpu --ceiling 16
            """)

    @Argument(help: "Sweep file: W&B's sweep schema in YAML, and the key 'stages'.")
    var file: String

    @Option(help: "Trainers at a time; they share the cores. Default: one a core, or as many as the GPUs take.")
    var slots: Int?

    @Option(help: "GPUs to use, as 0,1. Each trainer gets one. Default: all that CUDA_VISIBLE_DEVICES leaves.")
    var gpus: String?

    @Option(help: "Trainers at a time on each GPU.")
    var trainersPerGpu: Int?

    @Flag(help: "Start another sweep even if one of this name and definition exists.")
    var new = false

    @Option(
        help: ArgumentHelp(
            "Address that is told when the sweep is over or a stage has failed for good: HTTP POST of JSON.",
            valueName: "url"))
    var webhook: String?

    @Option(help: "Shell command that is started then, with the same JSON on its input and SAGA_EVENT set.")
    var notifyCommand: String?

    enum LauncherName: String, ExpressibleByArgument, CaseIterable {
        case local
        case slurm
    }

    @Option(help: "Where trainers run: local, on this machine, or slurm, as jobs.")
    var launcher = LauncherName.local

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
        if launcher == .slurm {
            let session = SlurmSession(file: file, options: try slurm.options(), new: new, poll: slurm.poll)
            if try await !session.run() { throw ExitCode(1) }
            return
        }
        let room = SweepRoom(slots: slots, gpus: try indices(), trainersPerGPU: trainersPerGpu)
        let allDone = try await SweepSession(
            file: file, room: room, new: new, webhook: webhook.flatMap(Webhook.init), notifyCommand: notifyCommand
        ).run()
        if !allDone { throw ExitCode(1) }
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
