import Experiment
import Postgres
import TestSupport
import Testing

@testable import TrackerStore

@Suite("Drawn trials with stages", .timeLimit(.minutes(2)))
struct DrawnTrialTests {
    private let maker: TrialSearchMaker = {
        let search = CountingSearch()
        return { _ in search }
    }()

    @Test("F9: eight claimers of a drawn sweep get each stage once; each draw knows of all before it")
    func eight() async throws {
        try await withScratchStore { [maker] store in
            _ = try await store.createSweep(plan: drawnPlan(trials: 20))
            let keys = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var keys: [String] = []
                        while try await !store.sweep(idOrName: "drawn").isOver {
                            guard let claim = try await store.next("drawn", search: maker).first else { continue }
                            keys.append(claim.stageKey)
                            try await store.say(claim, .succeeded)
                        }
                        return keys
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let expected = (0..<10).map { "t\($0)" } + (1...20).map { "g\($0)" }
            #expect(keys.sorted() == expected.sorted())
            let trials = try await store.trials(sweep: "drawn")
            #expect(trials.map(\.config["seen"]) == (0..<20).map { .int(Int64($0)) })
            let summary = try await store.sweep(idOrName: "drawn")
            #expect((summary.trials, summary.trialsDone, summary.state) == (20, 20, .finished))
        }
    }

    @Test("Several at once for an array: as many as were asked for, of trials drawn one after the other")
    func several() async throws {
        try await withScratchStore { [maker] store in
            _ = try await store.createSweep(plan: drawnPlan(trials: nil))
            #expect(try await store.next("drawn", limit: 3, search: maker).map(\.stageKey) == ["t0", "t1", "t2"])
            #expect(try await store.sweep(idOrName: "drawn").state == .running)
        }
    }

    @Test("A sweep whose search is over is finished, and extended goes on")
    func extend() async throws {
        try await withScratchStore { [maker] store in
            _ = try await store.createSweep(plan: drawnPlan(trials: 2))
            func all() async throws -> [String] {
                var keys: [String] = []
                while let claim = try await store.next("drawn", search: maker).first {
                    keys.append(claim.stageKey)
                    try await store.say(claim, .succeeded)
                }
                return keys
            }
            #expect(try await all() == ["t0", "g1", "g2"])
            #expect(try await store.sweep(idOrName: "drawn").state == .finished)
            let answer = try await store.extend(sweep: "drawn", by: nil, trials: 1)
            #expect((answer.addedTrials, answer.sweep.state, answer.sweep.expectedTrials) == (1, .running, 3))
            #expect(try await all() == ["t1", "g3"])
        }
    }

    @Test("What a search sees by way of its cache is what the record says, whatever became of the trials")
    func cache() async throws {
        try await withScratchStore { store in
            let search = CountingSearch(otherMetrics: ["audio", "unheard"])
            let maker: TrialSearchMaker = { _ in search }
            _ = try await store.createSweep(plan: drawnPlan(trials: 8))
            func log(_ claim: StageClaim, _ values: Double...) async throws {
                let rows = values.enumerated().map { row(Int64($0), ["loss": $1, "audio": $1 + 10]) }
                _ = try await store.ingest(
                    run: claim.run,
                    IngestRequest(
                        attempt: claim.attempt,
                        records: ([start(sweep: claim.sweep)] + rows).enumerated().map {
                            SequencedRecord(sequence: Int64($0 + 1), record: $1)
                        }))
            }
            func compare(_ minima: [Double?]) async throws {
                let cached = try await store.pastTrials(sweep: "drawn", cache: search.cache)
                #expect(try await cached == store.pastTrials(sweep: "drawn"))
                #expect(cached.map(\.minimum) == minima)
                #expect(cached.map { $0.others.map(\.minimum) } == minima.map { [$0.map { $0 + 10 }, nil] })
            }
            let first = try await store.next("drawn", search: maker)
            try await log(first[0], 5, 3, .nan, 4)
            try await compare([3])
            try await store.say(first[0], .succeeded)
            // Two trials share the training; each has a generation of its own.
            let generations = try await store.next("drawn", limit: 3, search: maker)
            #expect(generations.map(\.stageKey) == ["g1", "g2", "t1"])
            try await log(generations[0], 2)
            try await compare([2, 3, nil])
            try await store.say(generations[0], .succeeded)
            try await store.say(generations[2], .failed(message: "broken", retry: true, cause: .program))
            try await compare([2, 3, nil])
            let again = try #require(try await store.next("drawn", search: maker).first)
            try await log(again, .infinity, 7)
            try await store.say(again, .failed(message: "broken", retry: false, cause: .program))
            let past = try await store.pastTrials(sweep: "drawn", cache: search.cache)
            #expect(past.map(\.state).contains(.failed))
            try await compare(past.map(\.minimum))
            // What comes after the end moves no search, however often it looks.
            try await log(generations[0], 2, 1)
            try await compare(past.map(\.minimum))
            // A sweep that was begun before values of other metrics were kept gets them from the record.
            try await store.pool.query("update sweeps set other_metrics = '{}'")
            try await store.pool.query(
                "update stages set other_minima = null, other_maxima = null, other_latest = null")
            let other = CountingSearch(otherMetrics: ["audio", "unheard"])
            _ = try await store.next("drawn", limit: 8, search: { _ in other })
            let kept = try await store.pastTrials(sweep: "drawn")
            #expect(kept[0].others == [DrawnRun.Metric(minimum: 11, maximum: 15, latest: 11), DrawnRun.Metric()])
            #expect(kept[1].others == past[1].others)
            // Over is over until somebody makes it pending again.
            #expect(try await store.retry(sweep: "drawn") > 0)
            let reopened = try await store.pastTrials(sweep: "drawn", cache: search.cache)
            #expect(!reopened.map(\.state).contains(.failed))
            #expect(try await reopened == store.pastTrials(sweep: "drawn"))
        }
    }

    @Test("A heartbeat of a run that does badly is answered with the order to stop, until it has stopped")
    func earlyStop() async throws {
        try await withScratchStore { [maker] store in
            _ = try await store.createSweep(plan: drawnPlan(trials: 4, stopsEarly: true))
            let claims = try await store.next("drawn", limit: 2, search: maker)
            for (claim, value) in zip(claims, [1.0, 9.0]) {
                _ = try await store.ingest(run: claim.run, batch(1, start(sweep: claim.sweep), row(1, ["loss": value])))
            }
            let beat = StageReport.Event.heartbeat(leaseSeconds: 60)
            #expect(try await store.say(claims[0], beat, search: maker).order == nil)
            for _ in 0..<2 {
                let order = try await store.say(claims[1], beat, search: maker).order
                #expect(order == .stop(reason: "stopped early: others did better at this point"))
            }
            try await store.say(claims[1], .stopped(reason: "stopped early"))
            #expect(try await store.run(claims[1].run).state == .killed)
            let past = try await store.pastTrials(sweep: "drawn")
            #expect(past.map(\.state) == [.running, .running, .killed])
            #expect(past.map(\.minimum) == [1, 1, 9])
            #expect(try await store.sweep(idOrName: "drawn").best?.value == 1)
        }
    }
}
