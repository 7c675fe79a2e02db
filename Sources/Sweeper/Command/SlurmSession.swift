import Experiment
import Foundation
import Output
import SweepDefinition
import SweepLaunchers
import SweepScheduler
import SweepSearch
import TrackerClient
import UnixSignals

/// One `sweeper run --launcher slurm`: from the file to the summary.
struct SlurmSession {
    let file: String
    let options: SlurmOptions
    let new: Bool
    /// Seconds between two looks at Slurm.
    let poll: Double
    var home = SagaHome()
    var address = TrackerAddress()

    /// False when something failed.
    func run() async throws -> Bool {
        let text = try SweepFile.read(file)
        let plan = try SweepPlanner.plan(definitionText: text, file: file)
        guard try Definition(text: text, file: file).program == nil else {
            throw CommandError(
                "program_on_slurm", "\(file): 'program' runs on this machine only; leave out --launcher slurm")
        }
        let trainer = try TrainerProgram.locate()
        let slurm = SlurmClient(environment: environment)
        // Before the sweep is made: a wrong partition leaves nothing behind.
        let refusal = await slurm.refusal(of: options.arguments(for: StageResources()))
        if let refusal, refusal.kind == .refused || refusal.kind == .missing { throw refusal }
        let client = SweepClient(address: address)
        let answer = try await client.create(CreateSweepRequest(definition: text, file: file, new: new))
        let sweep = answer.sweep
        printNote("sweep \(sweep.name) (\(sweep.id)): \(plan.shares)")
        if !answer.created {
            printNote("going on: \(sweep.stages.done) of \(sweep.stages.total) stages are done")
        }
        if address.isLoopback {
            printNote(
                "jobs reach the tracker at \(address.url) from this machine only; those of other nodes are sent when "
                    + "they end. Set SAGA_URL to an address that the nodes reach")
        }
        let progress = ProgressPrinter(sweep)
        var settings = SlurmScheduler.Options(
            slurm: options, me: ProcessTable.current(), home: home
        ) { claim, directory in
            SlurmCommand(words: [trainer, claim.stage, "--settings", directory + "/run.json"])
        }
        settings.poll = poll
        let scheduler = SlurmScheduler(
            ledger: TrackerLedger(address: address, sweep: sweep.id, connections: 2), slurm: slurm, options: settings,
            tell: progress.handle)
        let ticker = Task { while true { try await Task.sleep(for: .seconds(1)); progress.tick() } }
        let signals = Task { await leaveOnSignal(progress) }
        defer {
            ticker.cancel()
            signals.cancel()
        }
        let summary = try await scheduler.run()
        progress.end()
        return try await SweepConclusion(sweep: summary, home: home).tell(client)
    }

    /// What jobs inherit. The token travels here and not in the script, which lies on disk.
    private var environment: [String: String] {
        var variables = ProcessInfo.processInfo.environment
        variables["SAGA_HOME"] = home.path
        variables["SAGA_URL"] = address.url
        variables["SAGA_TOKEN"] = address.token
        return variables
    }

    /// All that matters is in the tracker, in Slurm and in the runs' folders: there is nothing to tidy up.
    private func leaveOnSignal(_ progress: ProgressPrinter) async {
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            progress.end()
            printNote("stopped; jobs go on by themselves. Go on with: sweeper run \(file) --launcher slurm")
            exit(signal == .sigint ? 130 : 143)
        }
    }
}

extension TrackerAddress {
    fileprivate var isLoopback: Bool {
        ["//127.", "//localhost", "//[::1]"].contains { url.contains($0) }
    }
}
