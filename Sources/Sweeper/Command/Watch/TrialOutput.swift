import Experiment
import Foundation
import Output
import TrackerClient

/// The output of one stage of a trial: from its folder, or from the tracker where that is on another machine.
struct TrialOutput {
    let client: SweepClient
    let sweep: String
    let stage: StageStatus
    let home: SagaHome

    func show(follow: Bool) async throws {
        let run = stage.reusedFrom ?? stage.run
        let directory = stage.claim?.directory ?? home.runDirectory(run)
        var tail = FileTail(path: directory + "/output.log")
        var next: Int64 = 0
        while true {
            // Before the output, so that none can come between the last look at it and the end.
            let isOver = try await follow ? isOver() : true
            if tail.exists {
                for chunk in tail.read() { FileHandle.standardOutput.write(chunk) }
            } else {
                next = try await showRemote(run, from: next)
            }
            if isOver { return }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func showRemote(_ run: RunID, from first: Int64) async throws -> Int64 {
        var next = first
        while true {
            let lines = try await client.console(run: run, from: next)
            for line in lines { printOutput(Terminal.printable(line.text)) }
            guard let last = lines.last else { return next }
            next = last.line + 1
        }
    }

    private func isOver() async throws -> Bool {
        let now = try await client.stages(sweep: sweep).first { $0.key == stage.key }
        return now.map { $0.state != .pending && $0.state != .claimed } ?? true
    }
}
