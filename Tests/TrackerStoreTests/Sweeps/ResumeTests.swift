import Experiment
import TestSupport
import Testing
import TrackerStore

@Suite("F3: resuming sweeps", .timeLimit(.minutes(2)))
struct ResumeTests {
    @Test(
        "F3: of a grid of 27 with three runs deleted and two failed, exactly these five run again, interrupted or not")
    func exactlyFive() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(27))
            let first = try await store.work(failing: ["k5", "k20"])
            #expect(first == (0..<27).map { "k\($0)" })
            let stages = try await store.stages(sweep: "sweep")
            for key in ["k0", "k13", "k26"] {
                let stage = try #require(stages.first { $0.key == key })
                #expect(try await store.deleteRuns([stage.run]) == [stage.run])
            }
            #expect(try await store.sweep(idOrName: "sweep").state == .failed)
            #expect(try await store.retry(sweep: "sweep") == 5)

            // The sweeper that resumes dies after two, with a third in its hands.
            var again: [String] = []
            for _ in 0..<2 {
                let claim = try #require(try await store.next().first)
                try await store.say(claim, .succeeded)
                again.append(claim.stageKey)
            }
            let lost = try #require(try await store.next().first)
            #expect(try await store.retry(sweep: "sweep") == 0)
            let other = ProcessIdentity(host: "b", pid: 9, startTicks: 9)
            let taken = try #require(try await store.say(lost, .adopt(claimant: other, leaseSeconds: 60)).claim)
            try await store.say(taken, .succeeded)
            again.append(taken.stageKey)
            again += try await store.work()
            #expect(again.sorted() == ["k0", "k13", "k20", "k26", "k5"])
            #expect(try await store.sweep(idOrName: "sweep").trialsDone == 27)
            #expect(try await store.retry(sweep: "sweep") == 0)
        }
    }

    @Test("Trials that are named run again with all their stages; the others stay")
    func namedTrials() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: examplePlan())
            try await store.work()
            #expect(try await store.retry(sweep: "sweep", trials: [2]) == 2)
            #expect(try await store.work() == ["t-image1", "g-image1"])
            let error = try await #require(throws: StoreError.self) {
                try await store.retry(sweep: "sweep", trials: [1, 99])
            }
            #expect(error.description.contains("no trial 99"))
        }
    }

    @Test("Extending adds only what is new, and new trials count on")
    func extend() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(3))
            try await store.work()
            var more = gridPlan(5)
            more.trials.reverse()
            let answer = try await store.extend(sweep: "sweep", by: more, trials: nil)
            #expect((answer.addedTrials, answer.addedStages) == (2, 2))
            #expect(answer.sweep.state == .running)
            #expect(try await store.work().sorted() == ["k3", "k4"])
            #expect(try await store.trials(sweep: "sweep").map(\.number) == [1, 2, 3, 4, 5])
            #expect(try await store.extend(sweep: "sweep", by: more, trials: nil).addedTrials == 0)
            await #expect(throws: StoreError.self) { try await store.extend(sweep: "sweep", by: nil, trials: 2) }
        }
    }
}
