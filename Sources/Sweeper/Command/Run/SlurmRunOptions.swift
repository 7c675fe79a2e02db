import ArgumentParser
import SweepDefinition
import SweepLaunchers

/// What `sweeper run` tells Slurm, where it runs the stages.
struct SlurmRunOptions: ParsableArguments {
    @Option(help: "Slurm: partition of the jobs.")
    var partition: String?

    @Option(help: "Slurm: account that the jobs are charged to.")
    var account: String?

    @Option(help: "Slurm: quality of service.")
    var qos: String?

    @Option(help: "Slurm: jobs that run at the same time at most (default 64).")
    var ceiling: Int?

    @Option(help: "Slurm: seconds before its time limit at which a job saves its state and requeues itself.")
    var lead: Int?

    @Option(help: "Slurm: type of GPU, as a100.")
    var gpuType: String?

    @Option(help: "Slurm: seconds between two looks at the queue (default 5).")
    var poll: Double?

    static let usualPoll = 5.0

    func validate() throws {
        if let poll, !(0.2...3600).contains(poll) {
            throw ValidationError("--poll must be from 0.2 to 3600 seconds, not \(poll)")
        }
        do {
            _ = try options(over: LauncherChoice.Slurm())
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// What the command line does not say, the sweep's file does.
    func options(over file: LauncherChoice.Slurm) throws(SlurmError) -> SlurmOptions {
        try SlurmOptions(
            partition: partition ?? file.partition, account: account ?? file.account, qos: qos ?? file.qos,
            reservation: file.reservation, constraint: file.constraint, gpuType: gpuType ?? file.gpuType,
            ceiling: ceiling ?? file.ceiling ?? SlurmOptions.defaultCeiling,
            lead: lead ?? file.signalLead ?? SlurmOptions.defaultLead, extra: file.options)
    }

    /// The first option that was given, as it is written; nil when there is none.
    var given: String? {
        let options: [(String, Bool)] = [
            ("--partition", partition != nil), ("--account", account != nil), ("--qos", qos != nil),
            ("--ceiling", ceiling != nil), ("--lead", lead != nil), ("--gpu-type", gpuType != nil),
            ("--poll", poll != nil),
        ]
        return options.first { $0.1 }?.0
    }
}
