import Experiment
import Output
import TrackerClient

/// How a sweep ended, for people.
struct SweepConclusion {
    let sweep: SweepSummary
    let home: SagaHome

    /// Names what failed. False unless all that was to be done is.
    func tell(_ client: SweepClient) async throws -> Bool {
        let counts = sweep.stages
        if counts.failed > 0 {
            for stage in try await client.stages(sweep: sweep.id) where stage.state == .failed {
                let (message, log) = (stage.message ?? "no reason given", "\(home.runDirectory(stage.run))/output.log")
                printNote("failed: \(stage.name) \(stage.title): \(message)")
                if !message.contains(log) { printNote("        \(log)") }
            }
        }
        if sweep.state == .canceled {
            printNote("the sweep was canceled; 'sweeper resume \(sweep.id)' lets it go on")
        }
        printNote(
            "\(sweep.trialsDone) of \(sweep.trials) trials done; stages: \(counts.done) done"
                + (counts.stopped > 0 ? ", \(counts.stopped) stopped" : "") + counts.failures)
        return sweep.state == .finished
    }
}

extension StageCounts {
    /// As `, 3 failed, 5 blocked by them`; empty where nothing failed.
    var failures: String {
        failed + blocked == 0 ? "" : ", \(failed) failed" + (blocked > 0 ? ", \(blocked) blocked by them" : "")
    }
}
