import Experiment
import TestSupport
import Testing
import TrackerStore

@Suite("Reuse across sweeps", .timeLimit(.minutes(2)))
struct ReuseTests {
    @Test("What another sweep of the project has done is offered with its digest, and taken only when it was verified")
    func offered() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2, name: "first"))
            try await store.work(off: "first")
            let runs = try await store.stages(sweep: "first").map(\.run)
            _ = try await store.createSweep(plan: gridPlan(3, name: "second"))
            let claims = try await store.next("second", limit: 3)
            #expect(claims.map(\.reuse?.run) == [runs[0], runs[1], nil])
            #expect(claims[0].reuse?.artefact == "digest of k0")
            #expect(claims[0].reuse?.directory == "/runs/\(runs[0])")

            // The first holds what it should; the second's artefact is damaged, so that the stage runs.
            try await store.say(claims[0], .reused)
            try await store.say(claims[1], .launching(directory: "/runs/new"), note: "a byte differs")
            try await store.say(claims[1], .succeeded, artefact: "new")
            try await store.say(claims[2], .succeeded)
            let stages = try await store.stages(sweep: "second")
            #expect(stages.map(\.reusedFrom) == [runs[0], nil, nil])
            #expect(stages.map(\.attempts) == [0, 1, 1])
            #expect(stages.map(\.message) == [nil, "a byte differs", nil])
            await #expect(throws: StoreError.self) { try await store.run(claims[0].run) }
            #expect(try await store.sweep(idOrName: "second").trialsDone == 3)

            // From now on the newer result stands for the key.
            let found = try await store.reusable(ReuseRequest(project: "p", keys: ["k0", "k1", "none"]))
            #expect(found.map(\.artefact) == ["digest of k0", "new"])
            #expect(try await store.reusable(ReuseRequest(project: "q", keys: ["k0"])).isEmpty)
        }
    }

    @Test("A stage whose input was reused gets the other sweep's directory")
    func inputs() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan(name: "first"))
            try await store.work(off: "first")
            let run = try await store.stages(sweep: "first")[0].run
            _ = try await store.createSweep(plan: examplePlan(name: "second"))
            let train = try #require(try await store.next("second").first)
            try await store.say(train, .reused)
            var claims: [StageClaim] = []
            while let claim = try await store.next("second").first { claims.append(claim) }
            #expect(claims.first { $0.stageKey == "g-image0" }?.inputs == ["train": "/runs/\(run)"])
        }
    }

    @Test("Only what nothing needs is unneeded: not what is tagged, reused, or read by what may still run")
    func unneeded() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(3, name: "first"))
            try await store.work(off: "first")
            let old = try await store.stages(sweep: "first").map(\.run)
            #expect(try await store.unneeded(project: "p").isEmpty)

            _ = try await store.createSweep(plan: gridPlan(3, name: "second"))
            let claims = try await store.next("second", limit: 3)
            #expect(try await store.unneeded(project: "p").isEmpty)
            try await store.say(claims[0], .reused)
            for claim in claims.dropFirst() {
                try await store.say(claim, .launching(directory: "/runs/\(claim.run)"))
                try await store.say(claim, .succeeded, artefact: "new")
            }
            #expect(Set(try await store.unneeded(project: "p").map(\.run)) == [old[1], old[2]])
            _ = try await store.changeTags(of: old[1], adding: ["keep"], removing: [])
            #expect(try await store.unneeded(project: "p").map(\.run) == [old[2]])
            #expect(try await store.retry(sweep: "second", trials: [3]) == 1)
            #expect(try await store.unneeded(project: "p").isEmpty)
        }
    }

    @Test("With the intermediate ones: trainings whose generations are all over")
    func intermediate() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            let train = try #require(try await store.next().first)
            try await store.say(train, .launching(directory: "/runs/t"))
            try await store.say(train, .succeeded)
            #expect(try await store.unneeded(project: "p", intermediate: true).isEmpty)
            try await store.work()
            #expect(
                try await store.unneeded(project: "p", intermediate: true).map(\.stage)
                    == Array(repeating: "train", count: 4))
            #expect(try await store.unneeded(project: "p").isEmpty)
        }
    }

    @Test("What nobody told the digest of is not offered and stands in for nothing, nor does another project's result")
    func unverifiable() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(1, name: "first"))
            try await store.work(off: "first")
            // The same keys, as two programs of the same parameters have them, and without a digest, as theirs are.
            _ = try await store.createSweep(plan: gridPlan(1, name: "second"))
            let second = try #require(try await store.next("second").first)
            try await store.say(second, .launching(directory: "/runs/second"))
            try await store.say(second, .succeeded)
            var elsewhere = gridPlan(1, name: "elsewhere")
            elsewhere.project = "q"
            _ = try await store.createSweep(plan: elsewhere)
            try await store.work(off: "elsewhere")

            #expect(try await store.unneeded(project: "p").isEmpty)
            let found = try await store.reusable(ReuseRequest(project: "p", keys: ["k0"]))
            #expect(found.map(\.sweepName) == ["first"])
        }
    }

    @Test("F2: whoever adopts a claim that was begun nowhere is offered the same; one that was begun is not")
    func adopted() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2, name: "first"))
            try await store.work(off: "first")
            _ = try await store.createSweep(plan: gridPlan(2, name: "second"))
            let claims = try await store.next("second", limit: 2)
            try await store.say(claims[1], .launching(directory: "/runs/new"))
            let adopt = StageReport.Event.adopt(
                claimant: ProcessIdentity(host: "b", pid: 2, startTicks: 3), leaseSeconds: 60)
            let answers = [try await store.say(claims[0], adopt), try await store.say(claims[1], adopt)]
            #expect(answers.map { $0.claim?.reuse?.run } == [claims[0].reuse?.run, nil])
            #expect(claims[0].reuse != nil)
        }
    }

    @Test("A sweep that took everything over has its best trial, its runs and its answers all the same")
    func questions() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(2, name: "first"))
            for (index, claim) in try await store.next("first", limit: 2).enumerated() {
                _ = try await store.ingest(
                    run: claim.run,
                    batch(1, start(sweep: claim.sweep, config: claim.config), row(1, ["loss": Double(index)])))
                try await store.say(claim, .launching(directory: "/runs/\(claim.run)"))
                try await store.say(claim, .succeeded, artefact: "digest")
            }
            _ = try await store.createSweep(plan: gridPlan(2, name: "second"))
            for claim in try await store.next("second", limit: 2) { try await store.say(claim, .reused) }
            let (first, second) = (
                try await store.sweep(idOrName: "first"), try await store.sweep(idOrName: "second")
            )
            #expect(second.state == .finished && second.best == first.best && second.best?.value == 0)
            let runs = try await store.runs(RunFilter(sweep: "second"))
            #expect(Set(runs.map(\.id)) == Set(try await store.stages(sweep: "first").map(\.run)))
            let trials = try await store.trials(sweep: "second")
            #expect(trials.map(\.value) == [0, 1])
            let best = try await store.best(BestQuery(sweep: "second", metric: "loss", goal: .minimize, groupBy: ["x"]))
            #expect(best.count == 2)
        }
    }
}
