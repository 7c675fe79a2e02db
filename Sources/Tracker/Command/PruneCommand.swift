import ArgumentParser
import Experiment
import Foundation
import Output
import TrackerOperations

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Make room: remove what is no longer wanted. Without --apply it only says what.",
        discussion: """
            With --keep-best, runs of a sweep that are not among the best lose their checkpoints and uploaded files and
            keep their history. With --ended-before, runs that ended longer ago are deleted with everything.

              tracker prune --sweep my-sweep --keep-best 5 --metric loss
              tracker prune --sweep my-sweep --keep-best 5 --metric accuracy --goal maximize --apply
              tracker prune --ended-before 90d --project old-project --apply
            """)

    @Option(help: "How many of a sweep's runs keep their files.")
    var keepBest: Int?

    @Option(help: "With --keep-best: name or id of the sweep.")
    var sweep: String?

    @Option(help: "With --keep-best: metric that tells which run is best, by its last value.")
    var metric: String?

    @Option(help: "With --keep-best: minimize or maximize.")
    var goal = Goal.minimize

    @Option(help: "Delete runs that ended longer ago than this: a number with s, m, h, d or w.")
    var endedBefore: TimeSpan?

    @Option(help: "With --ended-before: only runs of this project.")
    var project: String?

    @Flag(help: "Do it.")
    var apply = false

    func validate() throws {
        guard (keepBest == nil) != (endedBefore == nil) else {
            throw ValidationError("Say what to remove: --keep-best or --ended-before.")
        }
        guard keepBest == nil || sweep != nil && metric != nil && keepBest ?? 0 >= 0 else {
            throw ValidationError("--keep-best needs --sweep and --metric, and a number that is not negative.")
        }
    }

    func run() async throws {
        let home = SagaHome()
        let plan = try await withDatabase { store in
            var plan = Prune.Plan()
            if let keepBest, let sweep, let metric {
                plan = try await Prune.allButBest(
                    keepBest, of: sweep, metric: metric, goal: goal, store: store, home: home)
            } else if let endedBefore {
                plan = try await Prune.ended(
                    before: Date(timeIntervalSinceNow: -endedBefore.seconds), project: project, store: store, home: home
                )
            }
            if apply { try await Prune.apply(plan, store: store, home: home) }
            return plan
        }
        for run in plan.runs { printOutput("\(run): run") }
        for run in plan.files { printOutput("\(run): checkpoints and files") }
        let verb = apply ? "removed" : "would remove"
        let note = apply ? "" : "; do it with --apply"
        printNote(
            "\(verb) \(plan.runs.count) runs and the files of \(plan.files.count), \(plan.bytes >> 20) MiB\(note)")
    }
}
