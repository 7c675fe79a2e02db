import Output
import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler
import SweepSearch
import TrackerClient
import UnixSignals

/// One `sweeper run`: from the file to the summary.
struct SweepSession {
    let file: String
    let slots: Int
    let new: Bool
    var webhook: Webhook?
    var notifyCommand: String?
    var home = SagaHome()
    var address = TrackerAddress()

    /// False when something failed.
    func run() async throws -> Bool {
        let text = try SweepFile.read(file)
        let plan = try SweepPlanner.plan(definitionText: text, file: file)
        let trainer = try TrainerProgram.locate()
        let client = SweepClient(address: address)
        let earlier = try await client.sweeps(name: plan.name)
        let answer = try await client.create(CreateSweepRequest(definition: text, file: file, new: new))
        let sweep = answer.sweep
        printNote("sweep \(sweep.name) (\(sweep.id)): \(plan.shares)")
        if !answer.created, sweep.isOver {
            printNote("it is \(sweep.state) already; 'sweeper run \(file) --new' starts another")
            return try await conclude(sweep, client)
        }
        announce(created: answer.created, sweep, earlier: earlier)

        let ledger = TrackerLedger(client: client, address: address, sweep: sweep.id)
        let launcher = LocalLauncher(trainer: trainer, slots: slots, home: home, address: address)
        let progress = ProgressPrinter(sweep)
        let notifier = Notifier(webhook: webhook, command: notifyCommand, sweep: sweep)
        let tell: @Sendable (SchedulerEvent) -> Void = { event in
            progress.handle(event)
            notifier.handle(event)
        }
        let scheduler = Scheduler(
            ledger: ledger, launcher: launcher,
            options: SchedulerOptions(slots: slots, me: ProcessTable.current(), home: home), tell: tell)
        let ticker = Task { while true { try await Task.sleep(for: .seconds(1)); progress.tick() } }
        let signals = Task { await leaveOnSignal(progress) }
        defer {
            ticker.cancel()
            signals.cancel()
        }
        let (summary, closedSlots) = try await scheduler.run()
        progress.end()
        await notifier.end(summary)
        if closedSlots == slots, !summary.isOver {
            printNote(
                "every slot has closed after failures in a row; what is left stays pending: mend the cause, then "
                    + "'sweeper run \(file)' goes on")
        }
        return try await conclude(summary, client)
    }

    private func announce(created: Bool, _ sweep: SweepSummary, earlier: [SweepSummary]) {
        if !created {
            printNote("going on: \(sweep.stages.done) of \(sweep.stages.total) stages are done")
        } else if !new, let last = earlier.first {
            printNote("the definition differs from that of the earlier sweep \(last.id): this is another one")
        }
    }

    /// Says how it ended and names what failed. False unless every stage is done.
    private func conclude(_ sweep: SweepSummary, _ client: SweepClient) async throws -> Bool {
        let counts = sweep.stages
        if counts.failed > 0 {
            for stage in try await client.stages(sweep: sweep.id) where stage.state == .failed {
                printNote("failed: \(stage.name) \(stage.title): \(stage.message ?? "no reason given")")
                printNote("        \(home.runDirectory(stage.run))/output.log")
            }
        }
        let failures = counts.failed + counts.blocked
        printNote(
            "\(sweep.trialsDone) of \(sweep.trials) trials done; stages: \(counts.done) done"
                + (failures > 0 ? ", \(counts.failed) failed, \(counts.blocked) blocked by them" : ""))
        return sweep.isOver && failures == 0
    }

    /// Trainers have sessions of their own and their state is in the tracker: there is nothing to tidy up.
    private func leaveOnSignal(_ progress: ProgressPrinter) async {
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            progress.end()
            printNote("stopped; running trainers go on by themselves. Go on with: sweeper run \(file)")
            exit(signal == .sigint ? 130 : 143)
        }
    }
}

extension StageCounts {
    var total: Int { pending + claimed + done + failed + blocked }
}
