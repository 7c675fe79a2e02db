import ArgumentParser
import SweepLaunchers

/// What `sweeper run --launcher slurm` tells Slurm.
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

    @Option(help: "Slurm: seconds between two looks at the queue.")
    var poll = 5.0

    func validate() throws {
        guard (0.2...3600).contains(poll) else {
            throw ValidationError("--poll must be from 0.2 to 3600 seconds, not \(poll)")
        }
        do {
            _ = try options()
        } catch {
            throw ValidationError(error.description)
        }
    }

    func options() throws(SlurmError) -> SlurmOptions {
        try SlurmOptions(
            partition: partition, account: account, qos: qos, gpuType: gpuType, ceiling: ceiling ?? 64,
            lead: lead ?? SlurmOptions.defaultLead)
    }
}
