import Experiment
import Output
import SweepDefinition
import SweepLaunchers
import SweepScheduler

/// Runs a sweep on slots of this machine.
struct LocalRunner: SweepRunner {
    /// What the person called the sweep.
    let word: String
    private let launcher: LocalLauncher

    /// Looks for what trials run before anything is claimed.
    init(word: String, _ definition: Definition, _ room: SweepRoom, home: SagaHome, address: TrackerAddress) throws {
        self.word = word
        for program in definition.programs { try ProgramCommand(program).check() }
        let needs = definition.stages.map(definition.resources(of:))
        let needsGPUs = !definition.programs.isEmpty || needs.contains { $0.gpus ?? 0 > 0 || $0.gpuMemory != nil }
        let machine = try room.machine()
        launcher = LocalLauncher(
            trainer: definition.runsTrainer ? try TrainerProgram.locate() : nil, home: home, address: address,
            machine: machine, sharing: room.sharing(on: machine, needsGPUs: needsGPUs))
    }

    var connections: Int { min(launcher.sharing.slots, 8) }
    var afterlife: String { "running trainers go on by themselves" }

    /// Refuses what no free machine of this kind could ever give.
    func prepare(_ definition: Definition) throws {
        for stage in definition.stages {
            let resources = definition.resources(of: stage)
            if let refusal = launcher.refusal(resources, isProgram: stage.program != nil) {
                throw CommandError("no_room", "\(definition.file): a trainer of stage '\(stage.name)' \(refusal)")
            }
        }
    }

    func begin(_ sweep: OpenSweep, _ definition: Definition) -> any SweepRun {
        let slots = launcher.sharing.slots
        var options = SchedulerOptions(slots: slots, me: ProcessTable.current(), home: sweep.home)
        options.retries = definition.retry.allows
        options.pause = { [retry = definition.retry] in retry.pause(after: $0, $1) }
        options.takesOver = sweep.takesOver
        return LocalRun(
            word: word, slots: slots,
            scheduler: Scheduler(ledger: sweep.ledger, launcher: launcher, options: options, tell: sweep.tell))
    }
}

private struct LocalRun: EndableSweepRun {
    let word: String
    let slots: Int
    let scheduler: Scheduler

    var isEndingTrainers: Bool { get async { await scheduler.isEndingTrainers } }

    func run() async throws -> SweepEnd {
        let (summary, closedSlots) = try await scheduler.run()
        guard closedSlots == slots, !summary.isOver else { return SweepEnd(summary: summary) }
        return SweepEnd(
            summary: summary, allSlotsClosed: true,
            note: "every slot has closed after failures in a row; what is left stays pending: mend the cause, then "
                + "'sweeper run \(word)' goes on")
    }

    func endTrainers() async -> Int { await scheduler.endTrainers() }
}
