import Experiment
import TestSupport
import Testing
import TrackerStore

@Suite("Claims", .timeLimit(.minutes(1)))
struct ClaimTests {
    @Test("The same definition is the same sweep, unless a new one is wanted")
    func sameSweep() async throws {
        try await withScratchStore { store in
            let first = try await store.createSweep(plan: examplePlan())
            let second = try await store.createSweep(plan: examplePlan())
            let third = try await store.createSweep(plan: examplePlan(), new: true)
            #expect((first.created, second.created, third.created) == (true, false, true))
            #expect(second.sweep == first.sweep)
            #expect(try await store.sweep(idOrName: "sweep").id == third.sweep.id)
            #expect(try await store.sweep(idOrName: first.sweep.id).id == first.sweep.id)
            #expect(try await store.sweeps().map(\.id) == [third.sweep.id, first.sweep.id])
            let error = try await #require(throws: StoreError.self) { try await store.sweep(idOrName: "sweap") }
            #expect(error.description.contains("did you mean 'sweep'"))
        }
    }

    @Test("Eight claimers at once get each stage once, inputs first")
    func eight() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            let keys = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var keys: [String] = []
                        while try await !store.sweep(idOrName: "sweep").isOver {
                            guard let claim = try await store.claim(sweep: "sweep", claimRequest).claims.first else {
                                continue
                            }
                            keys.append(claim.stageKey)
                            let key = claim.stageKey
                            for event in [StageReport.Event.launching(directory: "/\(key)"), .succeeded] {
                                _ = try await store.report(
                                    sweep: "sweep", stageKey: key, StageReport(fence: claim.fence, event: event))
                            }
                        }
                        return keys
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(keys.sorted() == examplePlan().stages.map(\.key).sorted())
            let summary = try await store.sweep(idOrName: "sweep")
            #expect(summary.trialsDone == 4)
            #expect(summary.state == .finished)
            #expect(try await store.runs(RunFilter(sweep: "sweep", state: .pending)).count == 8)
        }
    }

    @Test("A claim holds what its run needs, its inputs' directories too")
    func contents() async throws {
        try await withScratchStore { store in
            let plan = examplePlan()
            _ = try await store.createSweep(plan: plan)
            let train = try #require(try await store.claim(sweep: "sweep", claimRequest).claims.first)
            #expect(train.stageKey == "t-image0")
            #expect(train.config == plan.stages[0].config)
            #expect((train.attempt, train.maximumAttempts, train.fence) == (1, 2, 1))
            #expect(train.claimant == claimRequest.claimant)
            #expect(try await store.run(train.run).state == .pending)
            let trainer = ProcessIdentity(host: "a", pid: 2, startTicks: 3)
            _ = try await report(store, train, .launching(directory: "/runs/x"))
            let started = try await report(store, train, .started(process: trainer))
            #expect(started?.process == trainer)
            #expect(started?.directory == "/runs/x")
            #expect(try await report(store, train, .succeeded) == nil)
            for _ in 0..<3 { _ = try await store.claim(sweep: "sweep", claimRequest).claims.first }
            let generate = try #require(try await store.claim(sweep: "sweep", claimRequest).claims.first)
            #expect(generate.stageKey == "g-image0")
            #expect(generate.inputs == ["train": "/runs/x"])
            #expect(try await store.claim(sweep: "sweep", claimRequest).claims.first == nil)
        }
    }

    @Test("Who has lost a claim is refused, and a report that is sent again is not")
    func fence() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            let mine = try #require(try await store.claim(sweep: "sweep", claimRequest).claims.first)
            let other = ProcessIdentity(host: "b", pid: 7, startTicks: 1)
            let theirs = try #require(try await report(store, mine, .adopt(claimant: other, leaseSeconds: 5)))
            #expect(theirs.fence > mine.fence)
            #expect(theirs.claimant == other)
            #expect(theirs.leaseEnds < mine.leaseEnds)
            let error = try await #require(throws: StoreError.self) { try await report(store, mine, .succeeded) }
            #expect(error.kind == .staleFence)
            #expect(try await report(store, theirs, .heartbeat(leaseSeconds: 600))?.fence == theirs.fence)
            #expect(try await report(store, theirs, .succeeded) == nil)
            #expect(try await report(store, theirs, .succeeded) == nil)
        }
    }

    @Test("A stage is retried up to its attempts; what needs it is blocked then, until somebody retries it")
    func retry() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            for attempt in 1...2 {
                let claim = try #require(try await store.claim(sweep: "sweep", claimRequest).claims.first)
                #expect(claim.stageKey == "t-image0")
                #expect(claim.attempt == attempt)
                _ = try await report(store, claim, .failed(message: "no memory", retry: true))
            }
            let stages = try await store.stages(sweep: "sweep")
            #expect(stages[0].state == .failed)
            #expect(stages[0].message == "no memory")
            #expect(stages[4].message == "blocked: a stage before it has failed")
            #expect(try await store.run(stages[0].run).state == .crashed)
            let counts = try await store.sweep(idOrName: "sweep").stages
            #expect(counts == StageCounts(pending: 6, claimed: 0, done: 0, failed: 1, blocked: 1))

            #expect(try await store.retry(sweep: "sweep") == 1)
            let again = try #require(try await store.claim(sweep: "sweep", claimRequest).claims.first)
            #expect((again.stageKey, again.attempt, again.maximumAttempts) == ("t-image0", 3, 4))
            _ = try await report(store, again, .failed(message: "bad config", retry: false))
            #expect(try await store.stages(sweep: "sweep")[0].state == .failed)
        }
    }

    @Test("A plan of 10,000 trials is stored and handed out")
    func large() async throws {
        var plan = examplePlan()
        plan.stages = (0..<10_000).map {
            StagePlan(key: "s\($0)", name: "train", input: nil, title: "s\($0)", config: ["seed": .int(Int64($0))])
        }
        plan.trials = (0..<10_000).map {
            TrialPlan(number: $0 + 1, config: ["seed": .int(Int64($0))], stages: ["s\($0)"])
        }
        try await withScratchStore { [plan] store in
            _ = try await store.createSweep(plan: plan)
            #expect(try await store.sweep(idOrName: "sweep").trials == 10_000)
            #expect(try await store.claim(sweep: "sweep", claimRequest).claims.first?.stageKey == "s0")
        }
    }

    @Test("A plan that nobody could work off is refused")
    func invalidPlans() async throws {
        var backwards = examplePlan()
        backwards.stages.reverse()
        var twice = examplePlan()
        twice.stages[1].key = twice.stages[0].key
        var unknown = examplePlan()
        unknown.trials[0].stages = ["nothing"]
        try await withScratchStore { [backwards, twice, unknown] store in
            for plan in [backwards, twice, unknown] {
                let error = try await #require(throws: StoreError.self) { try await store.createSweep(plan: plan) }
                #expect(error.kind == .invalidPlan)
            }
        }
    }

    private func report(
        _ store: TrackerStore, _ claim: StageClaim, _ event: StageReport.Event
    ) async throws -> StageClaim? {
        try await store.report(
            sweep: claim.sweep, stageKey: claim.stageKey, StageReport(fence: claim.fence, event: event)
        ).claim
    }
}
