import Experiment
import Foundation
import Output
import SweepDefinition
import SweepSearch
import TrackerClient
import UnixSignals

/// One `sweeper run`: from the file to the summary, whatever runs the stages.
struct SweepSession {
    let source: SweepSource
    let definition: Definition
    let new: Bool
    let takesOver: Bool
    let targets: NotificationTargets
    var home = SagaHome()
    var address = TrackerAddress()

    /// False when something failed.
    func run(by runner: any SweepRunner) async throws -> Bool {
        let plan = try SweepPlanner.plan(definition)
        try await runner.prepare(definition)
        let client = SweepClient(address: address)
        let earlier = try await client.sweeps(name: plan.name)
        let answer = try await source.open(new: new, client)
        let sweep = answer.sweep
        printNote("sweep \(sweep.name) (\(sweep.id)): \(plan.shares)")
        if !answer.created, sweep.isOver {
            printNote("it is \(sweep.state) already; 'sweeper run \(source.word) --new' starts another")
            return try await SweepConclusion(sweep: sweep, home: home).tell(client)
        }
        announce(created: answer.created, sweep, earlier: earlier)

        let progress = ProgressPrinter(sweep)
        let notifier = Notifier(targets, sweep: sweep)
        let open = OpenSweep(
            ledger: TrackerLedger(
                address: address, sweep: sweep.id, definition: definition, connections: runner.connections),
            home: home, address: address, takesOver: takesOver
        ) { event in
            progress.handle(event)
            notifier.handle(event)
        }
        let run = try runner.begin(open, definition)
        let ticker = Task { while true { try await Task.sleep(for: .seconds(1)); progress.tick() } }
        let signals = Task { await leaveOnSignal(progress, run, runner.afterlife) }
        defer {
            ticker.cancel()
            signals.cancel()
        }
        let end: SweepEnd
        do {
            end = try await run.run()
        } catch let error as CancellationError {
            // A second Ctrl-C: whoever handles the signals ends the program when the trainers are gone.
            guard let run = run as? any EndableSweepRun, await run.isEndingTrainers else { throw error }
            await signals.value
            return false
        }
        progress.end()
        await notifier.end(end.summary, allSlotsClosed: end.allSlotsClosed)
        if let note = end.note { printNote(note) }
        return try await SweepConclusion(sweep: end.summary, home: home).tell(client)
    }

    private func announce(created: Bool, _ sweep: SweepSummary, earlier: [SweepSummary]) {
        if !created {
            printNote("going on: \(sweep.stages.done) of \(sweep.stages.total) stages are done")
        } else if !new, let last = earlier.first {
            printNote(
                "the definition differs from that of the earlier sweep \(last.id): this is another one; "
                    + "'sweeper run \(last.id)' goes on with that")
        }
    }

    /// Trainers have sessions of their own and their state is in the tracker: there is nothing to tidy up. Who presses
    /// Ctrl-C twice wants the trainers ended too.
    private func leaveOnSignal(_ progress: ProgressPrinter, _ run: any SweepRun, _ afterlife: String) async {
        @Sendable func leave(_ code: Int32) -> Never {
            printNote("stopped; \(afterlife). Go on with: sweeper run \(source.word)")
            exit(code)
        }
        var interrupts = 0
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            progress.end()
            if signal == .sigterm { leave(143) }
            interrupts += 1
            if interrupts == 1 {
                guard let run = run as? any EndableSweepRun else { leave(130) }
                printNote("stopping; Ctrl-C again within \(SweepSession.patience) s ends the running trainers too")
                Task {
                    try await Task.sleep(for: .seconds(SweepSession.patience))
                    if await !run.isEndingTrainers { leave(130) }
                }
            } else if interrupts == 2, let run = run as? any EndableSweepRun {
                let count = await run.endTrainers()
                printNote(
                    "ended \(count) trainers; 'sweeper run \(source.word)' starts them again from their checkpoints")
                exit(130)
            }
        }
    }

    /// Between the first Ctrl-C and the sweeper's end.
    private static let patience = 2
}

extension StageCounts {
    var total: Int { pending + claimed + done + stopped + failed + blocked }
}
