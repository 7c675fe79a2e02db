import Experiment
import Output
import TrackerClient

/// How a sweep ended, for people.
struct SweepConclusion {
    let sweep: SweepSummary
    let home: SagaHome

    /// Names what failed. False unless every stage is done.
    func tell(_ client: SweepClient) async throws -> Bool {
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
}
