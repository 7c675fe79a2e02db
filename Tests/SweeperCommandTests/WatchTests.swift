import Experiment
import Foundation
import Testing

@testable import sweeper

@Suite("Watching a sweep")
struct WatchTests {
    private func sweep(
        _ counts: StageCounts, state: SweepSummary.State? = nil, workLeft: Double? = nil, best: BestTrial? = nil
    ) -> SweepSummary {
        SweepSummary(
            id: "abc", name: "demo", project: "saga", created: Date(timeIntervalSince1970: 0), state: state, trials: 12,
            trialsDone: counts.done / 2, stages: counts, metric: "loss", goal: .minimize, best: best,
            workLeft: workLeft)
    }

    private func stage(_ number: Int, _ state: StageState) -> StageStatus {
        StageStatus(
            key: "k\(number)", name: "train", title: "lr=\(number)", state: state, attempts: 1,
            run: RunID(rawValue: "run\(number)") ?? .random(), config: [:], claim: nil, message: nil)
    }

    @Test("Time left is what is left at the speed of the watching, or the tracker's estimate over the slots")
    func timeLeft() {
        var left = TimeLeft()
        #expect(left.note(sweep(.init(pending: 20, claimed: 2)), at: 0) == nil)
        #expect(left.note(sweep(.init(pending: 15, claimed: 2, done: 5)), at: 50) == 170)
        #expect(left.note(sweep(.init(pending: 15, claimed: 2, done: 5), workLeft: 300), at: 51) == 150)
        #expect(left.note(sweep(.init(pending: 15, claimed: 2, done: 5), state: .paused), at: 52) == nil)
        // A retry made two pending again: what was measured before says nothing about it.
        #expect(left.note(sweep(.init(pending: 19, done: 3)), at: 60) == nil)
        #expect(left.note(sweep(.init(done: 22)), at: 70) == nil)
    }

    @Test(
        "Seconds become words",
        arguments: [
            (0, "0 s"), (61, "61 s"), (600, "10 min"), (7260, "2 h 1 min"),
            (200_000, "2 d 7 h"), (.infinity, "for ever"), (-3, "0 s"),
        ])
    func words(seconds: Double, expected: String) {
        #expect(Duration.words(seconds: seconds) == expected)
    }

    @Test("The screen fits its width, lists what runs and failed, and says how many more there are")
    func screen() {
        let summary = sweep(
            .init(pending: 8, claimed: 3, done: 12, failed: 1), best: BestTrial(value: 0.25, trial: 3, run: .random()))
        let stages = (0..<3).map { stage($0, .claimed) } + [stage(9, .failed), stage(10, .done)]
        let lines = WatchScreen(width: 60, maximumRows: 3).lines(summary, stages, secondsLeft: 120) { _ in
            "a note\u{1B}[2J"
        }
        #expect(lines.allSatisfy { $0.count <= 60 })
        #expect(lines[0].hasPrefix("demo (abc) is running; best loss 0.25 (trial 3"))
        #expect(lines[1].hasPrefix("[##########..........] 50 %, 12/24, about 2 min left"))
        #expect(lines[2] == "6 of 12 trials; stages: 3 running, 8 pending, 1 failed")
        #expect(lines.count == 9 && lines.last == "and 1 more")
        #expect(!lines.joined().contains("\u{1B}"))
    }

    @Test("A line for pipes has what changes")
    func line() {
        let text = WatchScreen.line(sweep(.init(pending: 1, claimed: 1, done: 2)), secondsLeft: 30)
        #expect(
            text == "demo running: 1/12 trials; stages 2 done, 1 running, 1 pending, 0 failed; about 30 s left")
    }
}
