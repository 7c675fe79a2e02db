import Experiment
import Foundation
import SweepScheduler
import Testing

@Suite("What an end means")
struct OutcomeTests {
    static func claim(
        attempt: Int = 1, claimant: ProcessIdentity = Sweepers.identity(1), leaseEnds: Double = 100
    ) -> StageClaim {
        StageClaim(
            sweep: "s", sweepName: "s", project: "p", stageKey: "k", stage: "train", title: "t", run: .random(),
            attempt: attempt, maximumAttempts: 3, fence: 1, config: [:], inputs: [:], claimant: claimant, process: nil,
            directory: "/d", leaseEnds: Date(timeIntervalSince1970: leaseEnds))
    }

    private static func failed(_ message: String, retry: Bool, blamesNode: Bool = true) -> Outcome {
        .failed(message: message, retry: retry, blamesNode: blamesNode)
    }

    private static let vanished = "the trainer vanished without a result; see /d/output.log"

    @Test(
        "Of a trainer",
        arguments: [
            (1, .exited(code: 0), StageResult(state: .finished, exitCode: 0, attempt: 1), .succeeded),
            // Killed while it went out: the work was done.
            (1, .signalled(9), StageResult(state: .finished, exitCode: 0, attempt: 1), .succeeded),
            (2, .gone, StageResult(state: .finished, exitCode: 0, attempt: 1), failed(vanished, retry: true)),
            (3, .gone, nil, failed(vanished, retry: false)),
            (
                1, .exited(code: 0), nil,
                failed("the trainer ended with exit code 0 and left no result; see /d/output.log", retry: true)
            ),
            (1, .signalled(11), nil, failed("the trainer was killed by signal 11; see /d/output.log", retry: true)),
            (
                1, .exited(code: 64), nil,
                failed(
                    "the trainer ended with exit code 64 and left no result; see /d/output.log", retry: false,
                    blamesNode: false)
            ),
            (
                1, .gone, StageResult(state: .failed, exitCode: 2, attempt: 1, message: "dim is odd"),
                failed("dim is odd", retry: false, blamesNode: false)
            ),
            (
                1, .exited(code: 1), StageResult(state: .failed, exitCode: 1, attempt: 1, message: "disk full"),
                failed("disk full", retry: true)
            ),
            (
                1, .exited(code: 143), StageResult(state: .killed, exitCode: 143, attempt: 1, message: "stopped"),
                failed("stopped", retry: true)
            ),
        ] as [(Int, ProcessStatus, StageResult?, Outcome)])
    func trainer(attempt: Int, status: ProcessStatus, result: StageResult?, outcome: Outcome) {
        #expect(Outcome(claim: OutcomeTests.claim(attempt: attempt), status: status, result: result) == outcome)
    }

    @Test(
        "Of a claimant: a claim is abandoned when nobody can be behind it",
        arguments: [
            // Claimant, held, claimant lives, seconds after the lease's end, abandoned.
            (Sweepers.identity(2), false, true, 1000, false),
            (Sweepers.identity(2), false, false, -10, true),
            (Sweepers.identity(2, host: "elsewhere"), false, false, -10, false),
            (Sweepers.identity(2, host: "elsewhere"), false, false, 10, false),
            (Sweepers.identity(2, host: "elsewhere"), false, false, 16, true),
            (Sweepers.identity(1), true, true, 1000, false),
            (Sweepers.identity(1), false, true, 10, false),
            (Sweepers.identity(1), false, true, 16, true),
        ])
    func claimant(_ claimant: ProcessIdentity, held: Bool, lives: Bool, late: Double, abandoned: Bool) {
        let claim = OutcomeTests.claim(claimant: claimant, leaseEnds: 100)
        let now = Date(timeIntervalSince1970: 100 + late)
        #expect(
            Recovery.isAbandoned(claim, me: Sweepers.identity(1), isHeld: held, now: now) { _ in lives } == abandoned)
    }

    @Test("Of an abandoned claim's trainer: alive before ended before gone")
    func abandonedTrainer() {
        let claim = OutcomeTests.claim(attempt: 2)
        let process = Sweepers.identity(9)
        let (mine, old) = (
            StageResult(state: .finished, exitCode: 0, attempt: 2),
            StageResult(state: .finished, exitCode: 0, attempt: 1)
        )
        #expect(Recovery.trainer(of: claim, process: process, result: nil) { _ in true } == .alive(process))
        #expect(Recovery.trainer(of: claim, process: process, result: mine) { _ in false } == .ended(mine))
        #expect(Recovery.trainer(of: claim, process: process, result: old) { _ in false } == .gone)
        #expect(Recovery.trainer(of: claim, process: nil, result: nil) { _ in true } == .gone)
    }
}
