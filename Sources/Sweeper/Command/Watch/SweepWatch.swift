import Experiment
import Foundation
import Output
import TrackerClient

/// `sweeper status --watch`: painted over on a terminal, a line for each change elsewhere; ends with the sweep.
///
/// Looks when the tracker says that the sweep has changed; every ``interval`` where it says nothing.
struct SweepWatch {
    let client: SweepClient
    /// Id of the sweep.
    let sweep: String
    /// Seconds between two looks where the tracker does not tell of changes, and between two paintings.
    let interval: Double
    let events: SweepEvents

    /// Seconds after which a tracker that tells of changes is asked all the same.
    private static let quiet = 30.0
    /// Changes that come within this time are one look.
    private static let gathering = Duration.milliseconds(100)

    private typealias Look = (sweep: SweepSummary, stages: [StageStatus])

    func run() async throws -> SweepSummary {
        let isTerminal = Terminal.width != nil
        let start = ContinuousClock.now
        var timeLeft = TimeLeft()
        var painted = 0
        var lastLine = ""
        var isAway = false
        while true {
            if let look = try await look(withStages: isTerminal) {
                isAway = false
                let left = timeLeft.note(look.sweep, at: start.duration(to: .now) / .seconds(1))
                if isTerminal {
                    paint(look, left, over: &painted)
                } else {
                    // Compared without the time left, which changes with every look.
                    let line = WatchScreen.line(look.sweep, secondsLeft: nil)
                    if line != lastLine {
                        printOutput(Terminal.printable(WatchScreen.line(look.sweep, secondsLeft: left)))
                    }
                    lastLine = line
                }
                if look.sweep.isOver { return look.sweep }
                try await wait { if isTerminal { paint(look, left, over: &painted) } }
            } else {
                if !isAway { printNote("the tracker does not answer; waiting for it") }
                isAway = true
                painted = 0
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }

    /// Returns when it is time for another look. `repaint` is called between: what trainers of this machine say is known
    /// without the tracker.
    private func wait(repaint: () -> Void) async throws {
        let deadline = ContinuousClock.now + .seconds(max(interval, SweepWatch.quiet))
        while true {
            if try await events.change(within: interval) {
                return try await Task.sleep(for: SweepWatch.gathering)
            }
            if events.takeStale() || !events.isFollowing || ContinuousClock.now >= deadline { return }
            repaint()
        }
    }

    /// Nil while the tracker is away.
    private func look(withStages: Bool) async throws -> Look? {
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
    private func paint(_ look: Look, _ secondsLeft: Double?, over painted: inout Int) {
        let screen = WatchScreen(width: Terminal.width ?? 80)
        let lines = screen.lines(look.sweep, look.stages, secondsLeft: secondsLeft, note: SweepStatus.note)
        let up = painted > 0 ? "\u{1B}[\(painted)A" : ""
        let text = lines.map { $0 + "\u{1B}[K\n" }.joined()
        FileHandle.standardOutput.write(Data((up + "\r" + text + "\u{1B}[J").utf8))
        painted = lines.count
    }
}
