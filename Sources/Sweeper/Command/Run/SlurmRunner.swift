import Experiment
import Output
import SweepDefinition
import SweepLaunchers
import SweepScheduler

/// Runs a sweep as jobs of Slurm.
struct SlurmRunner: SweepRunner {
    let options: SlurmOptions
    /// Seconds between two looks at Slurm.
    let poll: Double
    private let slurm: SlurmClient
    private let address: TrackerAddress
    private let commands: SlurmCommands

    init(
        _ definition: Definition, _ options: SlurmOptions, poll: Double, home: SagaHome, address: TrackerAddress
    ) throws {
        self.options = options
        self.poll = poll
        self.address = address
        for program in definition.programs { try ProgramCommand(program).check() }
        commands = SlurmCommands(
            trainer: definition.runsTrainer ? try TrainerProgram.locate() : nil, address: address)
        slurm = SlurmClient(environment: commands.jobEnvironment(home: home))
    }

    let connections = 2
    var afterlife: String { "jobs go on by themselves" }

    /// A wrong partition, or more than any node has, leaves no sweep behind.
    func prepare(_ definition: Definition) async throws {
        for stage in definition.stages {
            let refusal = await slurm.refusal(of: options.arguments(for: definition.resources(of: stage)))
            if let refusal, refusal.kind == .refused || refusal.kind == .missing { throw refusal }
        }
        if address.isLoopback {
            printNote(
                "jobs reach the tracker at \(address.url) from this machine only; those of other nodes are sent when "
                    + "they end. Set SAGA_URL to an address that the nodes reach")
        }
    }

    func begin(_ sweep: OpenSweep, _ definition: Definition) -> any SweepRun {
        var settings = SlurmScheduler.Options(
            slurm: options, me: ProcessTable.current(), home: sweep.home
        ) { [commands] claim, directory in try commands.command(claim, directory: directory) }
        settings.poll = poll
        settings.takesOver = sweep.takesOver
        settings.retries = definition.retry.allows
        settings.pause = { [retry = definition.retry] in retry.pause(after: $0, $1) }
        return SlurmRun(
            scheduler: SlurmScheduler(ledger: sweep.ledger, slurm: slurm, options: settings, tell: sweep.tell))
    }
}

private struct SlurmRun: SweepRun {
    let scheduler: SlurmScheduler

    func run() async throws -> SweepEnd { SweepEnd(summary: try await scheduler.run()) }
}

extension TrackerAddress {
    fileprivate var isLoopback: Bool {
        ["//127.", "//localhost", "//[::1]"].contains { url.contains($0) }
    }
}
