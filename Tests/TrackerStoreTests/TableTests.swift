import Experiment
import TestSupport
import Testing
import TrackerStore

/// Tables against values worked out by hand, of a sweep with these runs:
///
///     run  subset  seed  loss at steps 1, 2    accuracy
///     a    image   0     1.0  0.5              0.5
///     b    image   1     3.0  1.5              0.7
///     c    joint   0     0.5  0.25             0.9
///     d    joint   1     0.5  NaN              NaN
@Suite("Best and compare", .timeLimit(.minutes(1)))
struct TableTests {
    private func withRuns(_ body: @Sendable (TrackerStore) async throws -> Void) async throws {
        try await withScratchStore { store in
            let sweep = try await store.createSweep(plan: examplePlan()).sweep.id
            let runs: [(id: String, subset: String, seed: Int64, losses: [Double], accuracy: Double)] = [
                ("a", "image", 0, [1, 0.5], 0.5), ("b", "image", 1, [3, 1.5], 0.7),
                ("c", "joint", 0, [0.5, 0.25], 0.9), ("d", "joint", 1, [0.5, .nan], .nan),
            ]
            for run in runs {
                let masking = JSONValue.object(["name": .string("balanced"), "alpha": .double(0.5)])
                let config: [String: JSONValue] = [
                    "subset": .string(run.subset), "seed": .int(run.seed), "dim": .int(8), "masking": masking,
                ]
                _ = try await store.ingest(
                    run: try runID(run.id),
                    batch(
                        1, start(name: "run \(run.id)", sweep: sweep, config: config),
                        row(1, ["loss": run.losses[0], "total_tokens_seen_m": 0.25], seconds: 1.5),
                        row(
                            2, ["loss": run.losses[1], "total_tokens_seen_m": 0.5, "accuracy": run.accuracy], seconds: 3
                        ),
                        finish()))
            }
            // A restart that repeats step 2 replaces it; nothing is doubled.
            _ = try await store.ingest(
                run: try runID("b"),
                batch(2, row(2, ["loss": 2.5, "total_tokens_seen_m": 0.5], seconds: 9), finish()))
            try await body(store)
        }
    }

    @Test("Runs rank by the sweep's own goal, NaN last, with the keys that vary")
    func best() async throws {
        try await withRuns { store in
            let rows = try await store.best(BestQuery(sweep: "sweep", metric: "accuracy"))
            #expect(rows.map(\.run.rawValue) == ["c", "b", "a", "d"])
            #expect(rows.map(\.rank) == [1, 2, 3, 4])
            #expect(rows.map(\.name) == ["run c", "run b", "run a", "run d"])
            #expect(rows[0].value == 0.9)
            #expect(rows[0].config == ["subset": .string("joint"), "seed": .int(0)])
            #expect(rows[3].value.isNaN)
            let top = try await store.best(BestQuery(sweep: "sweep", metric: "accuracy", goal: .minimize, limit: 1))
            #expect(top.map(\.run.rawValue) == ["a"])
        }
    }

    static let aggregates: [(BestQuery.Aggregate, [String], [Double])] = [
        (.last, ["c", "a", "b", "d"], [0.25, 0.5, 2.5, .nan]),
        (.min, ["c", "a", "d", "b"], [0.25, 0.5, 0.5, 2.5]),
        (.max, ["c", "d", "a", "b"], [0.5, 0.5, 1, 3]),
    ]

    @Test("A run's value is its last, least or greatest", arguments: aggregates)
    func aggregate(aggregate: BestQuery.Aggregate, runs: [String], values: [Double]) async throws {
        try await withRuns { store in
            let rows = try await store.best(BestQuery(sweep: "sweep", metric: "loss", aggregate: aggregate))
            #expect(rows.map(\.run.rawValue) == runs)
            #expect(rows.map { "\($0.value)" } == values.map { "\($0)" })
        }
    }

    @Test("The mean of the last values counts no value that a later attempt replaced")
    func meanOfLast() async throws {
        try await withRuns { store in
            for (count, values) in [(1, [0.25, 0.5, 2.5, .nan]), (2, [0.375, 0.75, 2.75, .nan])] {
                let rows = try await store.best(
                    BestQuery(sweep: "sweep", metric: "loss", aggregate: .mean, lastCount: count))
                #expect(rows.map(\.run.rawValue) == ["c", "a", "b", "d"])
                #expect(rows.map { "\($0.value)" } == values.map { "\($0)" })
            }
        }
    }

    @Test("A number that the run wrote to its summary itself is its last, until it logs the metric again")
    func writtenSummary() async throws {
        try await withRuns { store in
            func best() async throws -> [Double] {
                try await store.best(BestQuery(sweep: "sweep", metric: "loss", limit: 1)).map(\.value)
            }
            let run = try runID("a")
            _ = try await store.ingest(run: run, batch(1, from: 5, .summary(["loss": .double(0.125)])))
            #expect(try await best() == [0.125])
            _ = try await store.ingest(run: run, batch(1, from: 6, row(3, ["loss": 7])))
            #expect(try await best() == [0.25])
            // What is only in the summary competes too.
            _ = try await store.ingest(run: run, batch(1, from: 7, .summary(["score": .int(3)])))
            #expect(try await store.best(BestQuery(project: "p", metric: "score")).map(\.value) == [3])
        }
    }

    @Test("Only the runs that a filter selects compete, and are compared")
    func filtered() async throws {
        try await withRuns { store in
            let filter = try RunPredicate(wandb: #"{"config.seed.value": 1}"#)
            let rows = try await store.best(
                BestQuery(project: "p", filter: filter, metric: "accuracy", goal: .maximize))
            #expect(rows.map(\.run.rawValue) == ["b", "d"])
            #expect(rows[0].config == ["subset": .string("image")])
            let points = try await store.compare(
                CompareQuery(project: "p", filter: filter, metrics: ["loss"], by: ["subset"]))
            #expect(points.map(\.mean).prefix(3) == [3, 2.5, 0.5] && points.map(\.count) == [1, 1, 1, 1])
        }
    }

    @Test("Curves are smoothed run by run")
    func smoothing() async throws {
        try await withRuns { store in
            let query = CompareQuery(sweep: "sweep", metrics: ["loss"], by: ["subset", "seed"], smoothing: 0.5)
            let points = try await store.compare(query)
            // a: 1, then (0.5 * 0.5 + 0.5 * 0.5) / 0.75.
            #expect(points[0].mean == 1 && abs(points[1].mean - 0.5 / 0.75) < 1e-12)
            let refused = CompareQuery(sweep: "sweep", metrics: ["loss"], by: [], smoothing: 1)
            await #expect(throws: StoreError.self) { try await store.compare(refused) }
        }
    }

    @Test("Groups have mean, deviation and count; a NaN in one puts it last")
    func groups() async throws {
        try await withRuns { store in
            let rows = try await store.best(BestQuery(sweep: "sweep", metric: "loss", groupBy: ["subset"]))
            #expect(rows.map { $0.config["subset"]?.label } == ["image", "joint"])
            #expect(rows[0].value == 1.5)
            #expect(rows[0].count == 2)
            // (0.5, 2.5): deviations -1 and 1, squares 2, divided by 1.
            #expect(rows[0].standardDeviation == 2.0.squareRoot())
            #expect(rows[0].run.rawValue == "a")
            #expect(rows[1].value.isNaN)
        }
    }

    @Test("Curves are means over seeds, with the difference from the baseline at the same x")
    func compare() async throws {
        try await withRuns { store in
            let points = try await store.compare(
                CompareQuery(
                    sweep: "sweep", metrics: ["loss"], by: ["subset", "masking"], baseline: ["subset": "joint"]))
            #expect(
                points.map(\.keys) == [
                    ["image", "balanced"], ["image", "balanced"], ["joint", "balanced"], ["joint", "balanced"],
                ])
            #expect(points.map(\.x) == [1, 2, 1, 2])
            #expect(points.map(\.count) == [2, 2, 2, 2])
            #expect((points[0].mean, points[0].baseline, points[0].difference) == (2, 0.5, 1.5))
            #expect(points[0].standardDeviation == 2.0.squareRoot())
            // The second attempt's 2.5 counts, not the first's 1.5.
            #expect(points[1].mean == 1.5)
            #expect(points[2].difference == 0)
        }
    }

    static let axes: [(CompareQuery.Axis, [Double])] = [
        (.step, [1, 2, 1, 2]), (.tokens, [0.25, 0.5, 0.25, 0.5]), (.time, [1, 3, 9, 1, 3]),
    ]

    @Test("x is the step, the tokens of the same row or the seconds since the start", arguments: axes)
    func axis(axis: CompareQuery.Axis, x: [Double]) async throws {
        try await withRuns { store in
            let query = CompareQuery(sweep: "sweep", metrics: ["loss"], by: ["subset"], axis: axis)
            let points = try await store.compare(query)
            #expect(points.map(\.x) == x)
        }
    }

    @Test("An unknown sweep, metric, key or label is named with the nearest that is known")
    func unknown() async throws {
        try await withRuns { store in
            func message(_ query: CompareQuery) async throws -> String {
                try await #require(throws: StoreError.self) { try await store.compare(query) }.description
            }
            let queries = [
                (CompareQuery(sweep: "swep", metrics: ["loss"], by: []), "'sweep'"),
                (CompareQuery(sweep: "sweep", metrics: ["los"], by: []), "'loss'"),
                (CompareQuery(sweep: "sweep", metrics: ["loss"], by: ["subst"]), "'subset'"),
                (
                    CompareQuery(sweep: "sweep", metrics: ["loss"], by: ["subset"], baseline: ["subset": "imag"]),
                    "'image'"
                ),
            ]
            for (query, nearest) in queries {
                #expect(try await message(query).contains("did you mean \(nearest)?"))
            }
            let error = try await #require(throws: StoreError.self) {
                try await store.best(BestQuery(project: "p", metric: "acuracy"))
            }
            #expect(error.description.contains("'accuracy'"))
        }
    }

    @Test("Runs are filtered by project, sweep, state and job type, newest first")
    func runs() async throws {
        try await withRuns { store in
            #expect(try await store.runs(RunFilter(sweep: "sweep", limit: 2)).map(\.id.rawValue) == ["d", "c"])
            #expect(try await store.runs(RunFilter(state: .running)).isEmpty)
            #expect(try await store.runs(RunFilter(project: "other")).isEmpty)
            let error = try await #require(throws: StoreError.self) { try await store.run(try runID("nobody")) }
            #expect(error.kind == .unknownRun)
        }
    }
}
