import Output
import Experiment
import Foundation
import SweepLaunchers

/// How far a sweep is.
struct SweepStatus {
    let sweep: SweepSummary
    let stages: [StageStatus]

    static func table(of sweeps: [SweepSummary]) -> Table {
        Table(
            columns: ["sweep", "id", "state", "trials", "trials_done", "stages_done", "stages", "created"],
            rows: sweeps.map { sweep in
                [
                    .text(sweep.name), .text(sweep.id), .text(sweep.state.rawValue), .init(sweep.trials),
                    .init(sweep.trialsDone),
                    .init(sweep.stages.done), .init(sweep.stages.total), .text(sweep.created.formatted(.iso8601)),
                ]
            })
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .csv: try printTable(table(of: stages), as: .csv)
        case .json:
            guard case .object(var members)? = SweepStatus.table(of: [sweep]).objects.first else { return }
            members["stages"] = .array(table(of: stages).objects)
            printOutput(JSONValue.object(members).canonicalText)
        case .table:
            let counts = sweep.stages
            printOutput(
                """
                \(Terminal.printable(sweep.name)) (\(sweep.id)) is \(sweep.state): \(sweep.trialsDone) of \(sweep.trials) trials done
                stages: \(counts.done) done, \(counts.claimed) running, \(counts.pending) pending, \
                \(counts.failed) failed, \(counts.blocked) blocked
                """)
            let shown = stages.filter { $0.state == .claimed || $0.state == .failed }
            guard !shown.isEmpty else { return }
            printOutput("")
            try printTable(table(of: shown), as: .table)
        }
    }

    private func table(of stages: [StageStatus]) -> Table {
        Table(
            columns: ["state", "stage", "title", "run", "attempts", "note"],
            rows: stages.map { stage in
                [
                    .text(stage.state == .claimed ? "running" : stage.state.rawValue), .text(stage.name),
                    .text(stage.title), .text(stage.run.rawValue), .init(stage.attempts),
                    .text(SweepStatus.note(stage)),
                ]
            })
    }

    /// As `demo (abc) is paused: 3 of 12 trials done`.
    static func sentence(_ sweep: SweepSummary) -> String {
        "\(sweep.name) (\(sweep.id)) is \(sweep.state.rawValue): \(sweep.trialsDone) of \(sweep.trials) trials done"
    }

    /// Why it failed, or what a trainer of this machine said last.
    static func note(_ stage: StageStatus) -> String {
        if let run = stage.reusedFrom { return "taken over from run \(run)" }
        guard let claim = stage.claim else { return stage.message ?? "" }
        guard claim.claimant.host == ProcessTable.host, let directory = claim.directory else {
            return "on \(claim.claimant.host)"
        }
        return SweepStatus.lastLine(directory + "/output.log") ?? "started"
    }

    private static func lastLine(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path), let end = try? handle.seekToEnd() else { return nil }
        try? handle.seek(toOffset: end > 4096 ? end - 4096 : 0)
        let tail = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        return tail.split(whereSeparator: \.isNewline).last.map { String($0.prefix(120)) }
    }
}
