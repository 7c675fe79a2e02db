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

    private static func failed(
        _ message: String, cause: FailureCause = .program, retry: Bool, blamesNode: Bool = true
    ) -> Outcome {
        .failed(message: message, cause: cause, retry: retry, blamesNode: blamesNode)
    }

    private static let vanished = "the trainer vanished without a result; see /d/output.log"

    @Test(
        "Of a trainer",
        arguments: [
            (1, .exited(code: 0), StageResult(state: .finished, exitCode: 0, attempt: 1), .succeeded),
            // Killed while it went out: the work was done.
            (1, .signalled(9), StageResult(state: .finished, exitCode: 0, attempt: 1), .succeeded),
            (
                2, .gone, StageResult(state: .finished, exitCode: 0, attempt: 1),
                failed(vanished, cause: .lost, retry: true)
            ),
            (3, .gone, nil, failed(vanished, cause: .lost, retry: false)),
            (
                1, .exited(code: 0), nil,
                failed("the trainer ended with exit code 0 and left no result; see /d/output.log", retry: true)
            ),
            (1, .signalled(11), nil, failed("the trainer was killed by signal 11; see /d/output.log", retry: true)),
            (
                1, .exited(code: 64), nil,
                failed(
                    "the trainer ended with exit code 64 and left no result; see /d/output.log", cause: .settings,
                    retry: false, blamesNode: false)
            ),
            (
                1, .gone, StageResult(state: .failed, exitCode: 2, attempt: 1, message: "dim is odd"),
                failed("dim is odd", cause: .settings, retry: false, blamesNode: false)
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
        let ending = Ending(status: status, result: result)
        let claim = OutcomeTests.claim(attempt: attempt)
        #expect(Outcome(claim: claim, ending: ending) { $0 != .settings } == outcome)
    }

    @Test(
        "Of another program: its exit code tells",
        arguments: [
            (.exited(code: 0), nil, .succeeded),
            (.gone, StageResult(state: .finished, exitCode: 0, attempt: 1), .succeeded),
            (.exited(code: 2), nil, failed("train.py ended with exit code 2; see /d/output.log", retry: true)),
            (
                .gone, StageResult(state: .failed, exitCode: 3, attempt: 1),
                failed("train.py ended with exit code 3; see /d/output.log", retry: true)
            ),
        ] as [(ProcessStatus, StageResult?, Outcome)])
    func program(status: ProcessStatus, result: StageResult?, outcome: Outcome) {
        var claim = OutcomeTests.claim()
        claim.program = "train.py"
        #expect(Outcome(claim: claim, ending: Ending(status: status, result: result)) { _ in true } == outcome)
    }

    @Test("Of a trainer that this sweeper ended: by order it is stopped, by its time limit it has failed")
    func interrupted() {
        let claim = OutcomeTests.claim()
        let ordered = Ending(status: .signalled(15), interruption: .order(reason: "worse than most"))
        #expect(Outcome(claim: claim, ending: ordered) { _ in true } == .stopped(reason: "worse than most"))
        let late = Ending(status: .signalled(15), interruption: .timeLimit(seconds: 60))
        let message = "it ran longer than its time limit of 60 s; raise 'time' of 'resources'"
        let failed = Outcome.failed(message: message, cause: .timeLimit, retry: false, blamesNode: false)
        #expect(Outcome(claim: claim, ending: late) { $0 != .timeLimit } == failed)
        let result = StageResult(state: .finished, exitCode: 0, attempt: 1)
        let inTime = Ending(status: .exited(code: 0), result: result, interruption: .timeLimit(seconds: 1))
        #expect(Outcome(claim: claim, ending: inTime) { _ in true } == .succeeded)
    }

    @Test(
        "Of a claimant: a claim is abandoned when nobody can be behind it",
        arguments: [
            // Claimant, held, claimant lives, seconds since its lease must have ended, abandoned.
            (Sweepers.identity(2), false, true, 14, false),
            // It lives and hangs, or is stopped.
            (Sweepers.identity(2), false, true, 15, true),
            (Sweepers.identity(2), false, false, -15, true),
            (Sweepers.identity(2, host: "elsewhere"), false, false, -15, false),
            (Sweepers.identity(2, host: "elsewhere"), false, false, 14, false),
            (Sweepers.identity(2, host: "elsewhere"), false, false, 15, true),
            (Sweepers.identity(1), true, true, 1000, false),
            (Sweepers.identity(1), false, true, 14, false),
            (Sweepers.identity(1), false, true, 15, true),
        ])
    func claimant(_ claimant: ProcessIdentity, held: Bool, lives: Bool, overdue: Double, abandoned: Bool) {
        func isAbandoned(_ claim: StageClaim) -> Bool {
            Recovery.isAbandoned(claim, me: Sweepers.identity(1), isHeld: held, overdue: overdue) { _ in lives }
        }
        var claim = OutcomeTests.claim(claimant: claimant)
        #expect(isAbandoned(claim) == abandoned)
        // A job of a batch system needs no sweeper to live.
        claim.job = BatchJob(system: "slurm", id: "7")
        #expect(!isAbandoned(claim))
    }

    @Test("F17: a lease is over by this machine's clock alone, from what was left of it by the database's clock")
    func leases() {
        var sightings = LeaseSightings()
        var claim = OutcomeTests.claim()
        func overdue(at uptime: Double) -> Double { sightings.overdue(claim, uptime: uptime, lease: 15) }
        claim.leaseLeft = 300
        #expect(overdue(at: 100) == -300)
        // What the tracker says about the very same lease later is not asked: its clock may have been stepped.
        claim.leaseLeft = -3600
        #expect(overdue(at: 410) == 10)
        // Renewed.
        claim.leaseEnds += 15
        #expect(overdue(at: 411) == 0)
        claim.fence += 1
        claim.leaseLeft = nil
        #expect(overdue(at: 420) == -15)
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
        // Asked to end while its sweeper left: started again, and no attempt is gone.
        let asked = StageResult(state: .killed, exitCode: 143, attempt: 2)
        #expect(Recovery.trainer(of: claim, process: process, result: asked) { _ in false } == .gone)
    }
}
