import Experiment
import Foundation
import SweepLaunchers
import Testing

@Suite("What the evidence says about a job (F11)")
struct SlurmVerdictTests {
    private func claim(restarts: Int = 0, program: String? = nil) -> StageClaim {
        StageClaim(
            sweep: "s", sweepName: "s", project: "p", stageKey: "k", stage: "train", title: "t", run: .random(),
            attempt: 1 + restarts, maximumAttempts: 3, fence: 1, config: [:], inputs: [:],
            claimant: ProcessIdentity(host: "h", pid: 1, startTicks: 1), process: nil, directory: nil,
            leaseEnds: .now, program: program, job: BatchJob(system: "slurm", id: "9_0", restarts: restarts))
    }

    private func verdict(
        _ state: SlurmState?, result: (RunState, Int)? = nil, restarts: Int? = 0, code: Int32? = nil, absences: Int = 0,
        known: Int = 0, order: String? = nil
    ) -> SlurmVerdict {
        let job = state.map { SlurmJob(array: "9", task: 0, name: "n", state: $0, restarts: restarts, exitCode: code) }
        let result = result.map { StageResult(state: $0.0, exitCode: $0.0 == .finished ? 0 : 1, attempt: $0.1) }
        return SlurmVerdict(
            claim: claim(restarts: known),
            evidence: SlurmEvidence(job: job, result: result, absences: absences, order: order))
    }

    private func cause(_ verdict: SlurmVerdict) -> FailureCause? {
        if case .failed(_, let cause, _) = verdict { cause } else { nil }
    }

    @Test("A finished result settles it, whatever Slurm says", arguments: [nil] + SlurmState.allCases.map { $0 })
    func finished(_ state: SlurmState?) {
        #expect(verdict(state, result: (.finished, 1)) == .succeeded(restarts: 0))
    }

    @Test(
        "The end of a job without a result",
        arguments: [
            (.cancelled, .cancelled), (.timeout, .timeLimit), (.deadline, .timeLimit), (.outOfMemory, .outOfMemory),
            (.nodeFail, .nodeFailure), (.bootFail, .nodeFailure), (.preempted, .preempted), (.failed, .program),
        ] as [(SlurmState, FailureCause)])
    func ends(_ state: SlurmState, _ expected: FailureCause) { #expect(cause(verdict(state, code: 1)) == expected) }

    @Test("Exit codes: wrong settings, and a script that asked in vain to be requeued")
    func codes() {
        #expect(cause(verdict(.failed, code: 2)) == .settings)
        #expect(cause(verdict(.failed, code: SlurmScript.requeueFailed)) == .timeLimit)
    }

    @Test("Nothing is over that may still be requeued")
    func open() {
        #expect(verdict(.completing) == .running(restarts: 0))
        #expect(verdict(.running, result: (.killed, 1)) == .running(restarts: 0))
        #expect(verdict(.pending, result: (.killed, 1), restarts: 1) == .waiting(restarts: 1, note: nil))
    }

    @Test("A result of the attempt before a restart is history; one of a later attempt tells of the restart")
    func restarts() {
        #expect(cause(verdict(.failed, result: (.finished, 1), restarts: 1, code: 1)) == .program)
        #expect(verdict(.running, result: (.finished, 1), restarts: nil, known: 1) == .running(restarts: 1))
        #expect(verdict(nil, result: (.finished, 3)) == .succeeded(restarts: 2))
    }

    @Test("A job that Slurm has forgotten: its result decides, without one it is lost, but not at the first look")
    func purged() {
        #expect(verdict(nil) == .undecided)
        #expect(cause(verdict(nil, absences: SlurmVerdict.patience)) == .lost)
        #expect(cause(verdict(nil, result: (.failed, 1), absences: SlurmVerdict.patience)) == .program)
        #expect(verdict(.completed) == .undecided)
    }

    @Test("What was ended by order is stopped, not failed")
    func order() {
        #expect(verdict(.cancelled, order: "pruned") == .stopped(reason: "pruned"))
        #expect(verdict(.running, order: "pruned") == .running(restarts: 0))
        #expect(verdict(.completed, result: (.finished, 1), order: "pruned") == .succeeded(restarts: 0))
    }

    @Test("Other programs: any exit code is their own affair, and what reached its limit is not what has failed")
    func programs() {
        func verdict(_ state: SlurmState?, code: Int32, absences: Int = 0) -> SlurmVerdict {
            let job = state.map { SlurmJob(array: "9", task: 0, name: "n", state: $0, restarts: 0, exitCode: code) }
            return SlurmVerdict(
                claim: claim(program: "train.py"),
                evidence: SlurmEvidence(
                    job: job,
                    result: StageResult(state: code == 0 ? .finished : .failed, exitCode: code, attempt: 1),
                    absences: absences))
        }
        #expect(cause(verdict(.failed, code: 2)) == .program)
        #expect(cause(verdict(.failed, code: SlurmScript.requeueFailed)) == .timeLimit)
        // Slurm has forgotten it: what the script has written decides.
        #expect(cause(verdict(nil, code: 2, absences: SlurmVerdict.patience)) == .program)
        #expect(cause(verdict(nil, code: SlurmScript.requeueFailed, absences: SlurmVerdict.patience)) == .timeLimit)
        #expect(verdict(nil, code: 0) == .succeeded(restarts: 0))
    }
}
