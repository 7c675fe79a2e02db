import Output
import Experiment
import Foundation
import SweepDefinition
import SweepLaunchers
import SweepScheduler
import SweepSearch
import TrackerClient
import UnixSignals

/// One `sweeper run`: from the file to the summary.
struct SweepSession {
    let file: String
    let room: SweepRoom
    let new: Bool
    var webhook: Webhook?
    var notifyCommand: String?
    var home = SagaHome()
    var address = TrackerAddress()

    /// False when something failed.
    func run() async throws -> Bool {
        let text = try SweepFile.read(file)
        let plan = try SweepPlanner.plan(definitionText: text, file: file)
        let definition = try Definition(text: text, file: file)
        let trainer = try locateProgram(of: definition)
        let launcher = try launcher(for: definition, trainer: trainer)
        let slots = launcher.sharing.slots
        let client = SweepClient(address: address)
        let earlier = try await client.sweeps(name: plan.name)
        let answer = try await client.create(CreateSweepRequest(definition: text, file: file, new: new))
        let sweep = answer.sweep
        printNote("sweep \(sweep.name) (\(sweep.id)): \(plan.shares)")
        if !answer.created, sweep.isOver {
            printNote("it is \(sweep.state) already; 'sweeper run \(file) --new' starts another")
            return try await SweepConclusion(sweep: sweep, home: home).tell(client)
        }
        announce(created: answer.created, sweep, earlier: earlier)

        let ledger = TrackerLedger(address: address, sweep: sweep.id, connections: min(slots, 8))
        let progress = ProgressPrinter(sweep)
        let notifier = Notifier(webhook: webhook, command: notifyCommand, sweep: sweep)
        let tell: @Sendable (SchedulerEvent) -> Void = { event in
            progress.handle(event)
            notifier.handle(event)
        }
        var options = SchedulerOptions(slots: slots, me: ProcessTable.current(), home: home)
        options.retries = definition.retry.allows
        let scheduler = Scheduler(ledger: ledger, launcher: launcher, options: options, tell: tell)
        let ticker = Task { while true { try await Task.sleep(for: .seconds(1)); progress.tick() } }
        let signals = Task { await leaveOnSignal(progress, scheduler) }
        defer {
            ticker.cancel()
            signals.cancel()
        }
        let (summary, closedSlots): (SweepSummary, Int)
        do {
            (summary, closedSlots) = try await scheduler.run()
        } catch let error as CancellationError {
            // A second Ctrl-C: whoever handles the signals ends the program when the trainers are gone.
            guard await scheduler.isEndingTrainers else { throw error }
            await signals.value
            return false
        }
        progress.end()
        await notifier.end(summary)
        if closedSlots == slots, !summary.isOver {
            printNote(
                "every slot has closed after failures in a row; what is left stays pending: mend the cause, then "
                    + "'sweeper run \(file)' goes on")
        }
        return try await SweepConclusion(sweep: summary, home: home).tell(client)
    }

    /// What trials run, looked for before anything is claimed; nil when it is not our trainer.
    private func locateProgram(of definition: Definition) throws -> String? {
        guard let program = definition.program else { return try TrainerProgram.locate() }
        try ProgramCommand(program: program, command: definition.command).check()
        return nil
    }

    /// Refuses what no free machine of this kind could ever give.
    private func launcher(for definition: Definition, trainer: String?) throws -> LocalLauncher {
        let isProgram = definition.program != nil
        let needs = definition.stages.map { ($0.name, $0.resources ?? definition.resources) }
        let needsGPUs = isProgram || needs.contains { $0.1.gpus ?? 0 > 0 || $0.1.gpuMemory != nil }
        let machine = try room.machine()
        let launcher = LocalLauncher(
            trainer: trainer, home: home, address: address, machine: machine,
            sharing: room.sharing(on: machine, needsGPUs: needsGPUs))
        for (stage, resources) in needs {
            if let refusal = launcher.refusal(resources, isProgram: isProgram) {
                throw CommandError("no_room", "\(file): a trainer of stage '\(stage)' \(refusal)")
            }
        }
        return launcher
    }

    private func announce(created: Bool, _ sweep: SweepSummary, earlier: [SweepSummary]) {
        if !created {
            printNote("going on: \(sweep.stages.done) of \(sweep.stages.total) stages are done")
        } else if !new, let last = earlier.first {
            printNote("the definition differs from that of the earlier sweep \(last.id): this is another one")
        }
    }

    /// Trainers have sessions of their own and their state is in the tracker: there is nothing to tidy up. Who presses
    /// Ctrl-C twice wants the trainers ended too.
    private func leaveOnSignal(_ progress: ProgressPrinter, _ scheduler: Scheduler) async {
        var interrupts = 0
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            progress.end()
            if signal == .sigterm { exit(leave(143)) }
            interrupts += 1
            if interrupts == 1 {
                printNote("stopping; Ctrl-C again within \(SweepSession.patience) s ends the running trainers too")
                Task {
                    try await Task.sleep(for: .seconds(SweepSession.patience))
                    if await !scheduler.isEndingTrainers { exit(leave(130)) }
                }
            } else if interrupts == 2 {
                let count = await scheduler.endTrainers()
                printNote("ended \(count) trainers; 'sweeper run \(file)' starts them again from their checkpoints")
                exit(130)
            }
        }
    }

    /// Between the first Ctrl-C and the sweeper's end.
    private static let patience = 2

    private func leave(_ code: Int32) -> Int32 {
        printNote("stopped; running trainers go on by themselves. Go on with: sweeper run \(file)")
        return code
    }
}

extension StageCounts {
    var total: Int { pending + claimed + done + failed + blocked }
}
