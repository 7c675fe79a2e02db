import Experiment
import Foundation
import Output
import TrackerClient

/// `sweeper status --watch`: painted over on a terminal, a line for each change elsewhere; ends with the sweep.
struct SweepWatch {
    let client: SweepClient
    /// Id of the sweep.
    let sweep: String
    /// Seconds between two looks.
    let interval: Double

    func run() async throws -> SweepSummary {
        let isTerminal = Terminal.width != nil
        let start = ContinuousClock.now
        var timeLeft = TimeLeft()
        var painted = 0
        var lastLine = ""
        var isAway = false
        while true {
            if let (summary, stages) = try await look(withStages: isTerminal) {
                isAway = false
                let left = timeLeft.note(summary, at: start.duration(to: .now) / .seconds(1))
                if isTerminal {
                    let screen = WatchScreen(width: Terminal.width ?? 80)
                    paint(screen.lines(summary, stages, secondsLeft: left, note: SweepStatus.note), over: &painted)
                } else {
                    // Compared without the time left, which changes with every look.
                    let line = WatchScreen.line(summary, secondsLeft: nil)
                    if line != lastLine {
                        printOutput(Terminal.printable(WatchScreen.line(summary, secondsLeft: left)))
                    }
                    lastLine = line
                }
                if summary.isOver { return summary }
            } else {
                if !isAway { printNote("the tracker does not answer; waiting for it") }
                isAway = true
                painted = 0
            }
            try await Task.sleep(for: .seconds(interval))
        }
    }

    /// Nil while the tracker is away.
    private func look(withStages: Bool) async throws -> (SweepSummary, [StageStatus])? {
        do {
            let summary = try await client.sweep(sweep)
            let stages = withStages && summary.drawn == nil ? try await client.stages(sweep: sweep) : []
            return (summary, stages)
        } catch {
            if error.isTransient { return nil }
            throw error
        }
    }

    /// Moves up over what was painted before: what the terminal showed earlier stays in its history.
    private func paint(_ lines: [String], over painted: inout Int) {
        let up = painted > 0 ? "\u{1B}[\(painted)A" : ""
        let text = lines.map { $0 + "\u{1B}[K\n" }.joined()
        FileHandle.standardOutput.write(Data((up + "\r" + text + "\u{1B}[J").utf8))
        painted = lines.count
    }
}
