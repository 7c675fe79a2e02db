import Experiment
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import TrackerStore

@Suite("Controlling sweeps", .timeLimit(.minutes(2)))
struct SweepControlTests {
    @Test("Nothing is handed out while a sweep is paused")
    func pause() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2))
            let claim = try #require(try await store.next().first)
            #expect(try await store.edit(sweep: "sweep", SweepEdit(state: .paused)).state == .paused)
            #expect(try await store.next().isEmpty)
            #expect(try await store.say(claim, .heartbeat(leaseSeconds: 60)).order == nil)
            try await store.say(claim, .succeeded)
            #expect(try await store.edit(sweep: "sweep", SweepEdit(state: .running)).state == .running)
            #expect(try await store.work() == ["k1"])
            #expect(try await store.sweep(idOrName: "sweep").state == .finished)
        }
    }

    @Test("A canceled sweep tells who runs to stop; resumed, what was cut short runs again")
    func cancel() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(3))
            let claims = try await store.next(limit: 2)
            #expect(claims.map(\.stageKey) == ["k0", "k1"])
            _ = try await store.edit(sweep: "sweep", SweepEdit(state: .canceled))
            for claim in claims {
                #expect(
                    try await store.say(claim, .heartbeat(leaseSeconds: 60)).order
                        == .stop(reason: "the sweep was canceled"))
            }
            try await store.say(claims[0], .stopped(reason: "canceled"))
            try await store.say(claims[1], .failed(message: "killed", retry: false, cause: .cancelled))
            #expect(try await store.run(claims[0].run).state == .killed)
            #expect(try await store.next().isEmpty)
            #expect(try await store.sweep(idOrName: "sweep").state == .canceled)
            _ = try await store.edit(sweep: "sweep", SweepEdit(state: .running))
            #expect(try await store.work() == ["k0", "k1", "k2"])
        }
    }

    @Test("What a machine did to a stage costs none of its attempts; each start is an attempt of the run all the same")
    func freeAttempts() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(1))
            for attempt in 1...4 {
                let claim = try #require(try await store.next().first)
                #expect((claim.attempt, claim.maximumAttempts) == (attempt, attempt + 1))
                let cause: FailureCause = attempt % 2 == 0 ? .preempted : .nodeFailure
                try await store.say(claim, .failed(message: "gone", retry: true, cause: cause))
            }
            let claim = try #require(try await store.next().first)
            let job = BatchJob(system: "slurm", id: "12_3")
            #expect(try await store.say(claim, .submitted(job: job)).claim?.job == job)
            let again = BatchJob(system: "slurm", id: "12_3", restarts: 1)
            for _ in 0..<2 {
                let restarted = try await store.say(claim, .restarted(job: again)).claim
                #expect((restarted?.attempt, restarted?.maximumAttempts) == (6, 7))
            }
            try await store.say(claim, .failed(message: "wrong", retry: true, cause: .program))
            let last = try #require(try await store.next().first)
            try await store.say(last, .failed(message: "wrong", retry: true, cause: .program))
            #expect(try await store.next().isEmpty)
            #expect(try await store.stages(sweep: "sweep")[0].cause == .program)
        }
    }

    @Test("A cause that the definition does not list is final")
    func listedCauses() async throws {
        var plan = gridPlan(2)
        plan.retryOn = [.outOfMemory]
        try await withScratchStore { [plan] store in
            _ = try await store.createSweep(plan: plan)
            let claims = try await store.next(limit: 2)
            try await store.say(claims[0], .failed(message: "m", retry: true, cause: .outOfMemory))
            try await store.say(claims[1], .failed(message: "m", retry: true, cause: .program))
            #expect(try await store.stages(sweep: "sweep").map(\.state) == [.pending, .failed])
        }
    }

    @Test("A stage that was stopped early takes with it what comes after, and is not tried again")
    func stoppedEarly() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            let claim = try #require(try await store.next().first)
            try await store.say(claim, .stopped(reason: "hopeless"))
            let worked = try await store.work()
            #expect(worked.count == 6 && !worked.contains("g-image0"))
            let summary = try await store.sweep(idOrName: "sweep")
            #expect((summary.stages.stopped, summary.trialsDone, summary.state) == (2, 3, .finished))
            #expect(try await store.retry(sweep: "sweep") == 0)
            #expect(try await store.trials(sweep: "sweep").map(\.state) == [.stopped, .done, .done, .done])
        }
    }

    @Test("A trial points to the last of its stages that has begun, at its first attempt too")
    func runOfTrial() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            let stages = try await store.stages(sweep: "sweep")
            let train = try #require(stages.first { $0.key == "t-image0" }?.run)
            let generate = try #require(stages.first { $0.key == "g-image0" }?.run)
            func run() async throws -> RunID? { try await store.trials(sweep: "sweep").first?.run }
            #expect(try await run() == train)
            let claim = try #require(try await store.next().first)
            #expect(try await run() == train)
            try await store.say(claim, .succeeded)
            #expect(try await run() == train)
            let next = try #require(try await store.next(limit: 8).first { $0.stageKey == "g-image0" })
            #expect(try await run() == generate)
            try await store.say(next, .failed(message: "m", retry: true))
            #expect(try await run() == generate)
        }
    }

    @Test("A stage that is to wait before it is tried again is given to nobody until then, unless a person says so")
    func backoff() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2))
            let claim = try #require(try await store.next().first)
            let failed = StageReport.Event.failed(message: "m", retry: true, cause: .program)
            try await store.say(claim, failed, retryAfter: 0.5)
            #expect(try await store.next().map(\.stageKey) == ["k1"])
            #expect(try await store.next().isEmpty)
            #expect(try await store.sweep(idOrName: "sweep").stages.pending == 1)
            try await Task.sleep(for: .milliseconds(600))
            let again = try #require(try await store.next().first)
            #expect(again.stageKey == "k0" && again.attempt == 2)
            try await store.say(again, .failed(message: "m", retry: false, cause: .program), retryAfter: 3600)
            #expect(try await store.retry(sweep: "sweep") == 1)
            #expect(try await store.next().map(\.stageKey) == ["k0"])
            let error = try await #require(throws: StoreError.self) {
                try await store.say(
                    try #require(try await store.stages(sweep: "sweep")[0].claim), failed, retryAfter: -1)
            }
            #expect(error.kind == .invalidRecord)
        }
    }

    @Test("F7: a holder that slept through its lease is refused once another has the stage, whatever it says")
    func zombie() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(1))
            let sleeper = try #require(try await store.next().first)
            let other = ProcessIdentity(host: "b", pid: 7, startTicks: 1)
            let adopted = try #require(try await store.say(sleeper, .adopt(claimant: other, leaseSeconds: 60)).claim)
            try await store.say(adopted, .failed(message: "lost", retry: true, cause: .lost))
            let second = try #require(try await store.next().first)
            #expect(second.attempt == 2)
            let events: [StageReport.Event] = [
                .succeeded, .stopped(reason: "r"), .heartbeat(leaseSeconds: 9), .launching(directory: "/d"),
                .failed(message: "m", retry: false), .reused, .submitted(job: BatchJob(system: "slurm", id: "1")),
            ]
            for event in events {
                let error = try await #require(throws: StoreError.self) { try await store.say(sleeper, event) }
                #expect(error.kind == .staleFence)
            }
            // Its points stay in its own attempt.
            _ = try await store.ingest(run: second.run, batch(1, start(), row(1, ["loss": 1])))
            _ = try await store.ingest(run: second.run, batch(2, start(), row(1, ["loss": 2])))
            _ = try await store.ingest(run: second.run, batch(1, from: 3, row(2, ["loss": 3])))
            #expect(try await store.history(run: second.run).map(\.attempt) == [1, 1, 2])
            try await store.say(second, .succeeded)
            #expect(try await store.sweep(idOrName: "sweep").state == .finished)
        }
    }

    @Test("F17: leases count by the database's clock, and no duration is negative though clocks step")
    func clocks() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2))
            let claims = try await store.next(limit: 2)
            for claim in claims {
                let left = try #require(claim.leaseLeft)
                #expect(left > 0 && left <= claimRequest.leaseSeconds)
            }
            // The server's clock went back two hours after the claim.
            try await store.pool.query("update stages set claimed_at = now() + interval '2 hours'")
            for claim in claims { try await store.say(claim, .succeeded) }
            let rows = try await store.pool.query("select min(seconds) from stages")
            let seconds = try rows.first?.decode(as: Double.self)
            #expect(seconds == 0)
            #expect(try await store.sweep(idOrName: "sweep").stages.done == 2)
        }
    }

    @Test(
        "Names and keys are data, never SQL", arguments: ["'; drop table stages; --", "\" or 1=1 --", "$1", "%", "\\"])
    func injection(text: String) async throws {
        var plan = gridPlan(2, name: text)
        plan.stages[0].key = text
        plan.trials[0].stages = [text]
        plan.metric = text
        try await withScratchStore { [plan] store in
            _ = try await store.createSweep(plan: plan)
            _ = try await store.createSweep(plan: gridPlan(1, name: "other"))
            #expect(try await store.sweep(idOrName: text).trials == 2)
            #expect(try await store.reusable(ReuseRequest(project: text, keys: [text])).isEmpty)
            #expect(try await store.unneeded(project: text).isEmpty)
            #expect(try await store.work(off: text) == [text, "k1"])
            #expect(try await store.sweep(idOrName: "other").stages.pending == 1)
        }
    }
}
