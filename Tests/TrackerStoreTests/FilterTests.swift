import Experiment
import FoundationEssentials
import Postgres
import Testing
import TestSupport

@testable import TrackerStore

/// Filters and orders against real runs: each case says which of them it selects.
@Suite("Filters of runs")
struct FilterTests {
    /// Runs a to e; what each has is chosen so that every operator tells some apart.
    private func withRuns(_ body: @Sendable (TrackerStore) async throws -> Void) async throws {
        try await withScratchStore { store in
            let runs: [(String, String, [String: JSONValue], [String: Double], [String])] = [
                (
                    "a", "finished", ["lr": .double(0.1), "opt": .string("sgd"), "seed": .int(9_007_199_254_740_993)],
                    ["loss": 0.5], ["even", "x"]
                ),
                (
                    "b", "running",
                    ["lr": .double(0.01), "opt": .string("adam"), "layers": .array([.int(1), .int(2)])],
                    ["loss": 0.25], ["odd"]
                ),
                (
                    "c", "finished", ["lr": .int(1), "model": .object(["dim": .int(64)]), "none": .null],
                    ["loss": .nan], []
                ),
                ("d", "failed", ["lr": .string("auto"), "flag": .bool(true), "a.b": .int(3)], [:], ["even"]),
                ("e", "finished", [:], ["loss": 12, "it's": 1], []),
            ]
            for (index, (id, state, config, values, tags)) in runs.enumerated() {
                let start = RunStart(
                    project: "p", name: "run \(id)", sweep: id == "a" ? "s1" : nil, config: config, tags: tags,
                    host: "h", time: noon)
                var records: [RunRecord] = [.start(start)]
                if !values.isEmpty { records.append(row(1, values)) }
                if let state = RunState(rawValue: state), state.isFinal { records.append(finish(state)) }
                let sequenced = records.enumerated().map {
                    SequencedRecord(sequence: Int64($0) + 1, record: $1)
                }
                _ = try await store.ingest(run: try runID(id), IngestRequest(attempt: 1, records: sequenced))
                let created = noon.addingTimeInterval(Double(index))
                try await store.pool.query("update runs set created_at = \(created) where id = \(id)")
            }
            try await body(store)
        }
    }

    private func selected(_ predicate: RunPredicate, in store: TrackerStore) async throws -> String {
        try await store.runs(matching: predicate, order: RunOrder(), limit: 100).runs.map(\.id.rawValue).joined()
    }

    @Test("W&B's filters select the runs that they select there")
    func wandbFilters() async throws {
        try await withRuns { store in
            for (filter, expected) in [
                ("{}", "abcde"), ("null", "abcde"), (#"{"$and": []}"#, "abcde"), (#"{"$or": []}"#, ""),
                (#"{"state": "finished"}"#, "ace"), (#"{"state": {"$ne": "finished"}}"#, "bd"),
                (#"{"state": {"$in": ["running", "failed"]}}"#, "bd"), (#"{"name": "b"}"#, "b"),
                (#"{"display_name": "run b"}"#, "b"), (#"{"displayName": {"$regex": "^run [cd]$"}}"#, "cd"),
                (#"{"displayName": {"$regex": "RUN A", "$options": "i"}}"#, "a"),
                (#"{"config.lr": {"$lt": 0.1}}"#, "b"), (#"{"config.lr.value": {"$lte": 0.1}}"#, "ab"),
                (#"{"config.lr": {"$gt": 0}}"#, "abc"), (#"{"config.lr": 1.0}"#, "c"),
                (#"{"config.lr": {"$gte": 0.1, "$lt": 1}}"#, "a"),
                (#"{"config.lr": {"$not": {"$gt": 0}}}"#, "de"), (#"{"$not": {"config.lr": {"$gt": 0}}}"#, "de"),
                (#"{"config.lr": "auto"}"#, "d"), (#"{"config.lr": {"$gt": "a"}}"#, "d"),
                (#"{"config.seed": 9007199254740993}"#, "a"), (#"{"config.seed": 9007199254740992}"#, ""),
                (#"{"config.model.dim": 64}"#, "c"), (#"{"config.model.value.dim": {"$gte": 64}}"#, "c"),
                (#"{"config.model.dim.value": 64}"#, "c"), (#"{"config.a.b": 3}"#, "d"),
                (#"{"config.flag": true}"#, "d"), (#"{"config.layers": 2}"#, "b"),
                (#"{"config.layers": {"$in": [2, 7]}}"#, "b"), (#"{"config.layers": [1, 2]}"#, "b"),
                (#"{"config.none": null}"#, "abcde"), (#"{"config.lr": null}"#, "e"),
                (#"{"config.none": {"$exists": true}}"#, "c"), (#"{"config.lr": {"$exists": false}}"#, "e"),
                (#"{"config.opt": {"$nin": ["adam"]}}"#, "acde"), (#"{"config.opt": {"$regex": "^(sgd|x)"}}"#, "a"),
                (#"{"tags": "even"}"#, "ad"), (#"{"tags": {"$in": ["odd", "x"]}}"#, "ab"),
                (#"{"tags": {"$nin": ["even"]}}"#, "bce"), (#"{"tags": {"$exists": true}}"#, "abd"),
                (#"{"tags": ["x", "even"]}"#, "a"), (#"{"tags": {"$regex": "^e"}}"#, "ad"),
                (#"{"summary_metrics.loss": {"$lt": 1}}"#, "ab"), (#"{"summary_metrics.loss": "NaN"}"#, "c"),
                (#"{"summary_metrics.it's": {"$exists": true}}"#, "e"), (#"{"sweep": "s1"}"#, "a"),
                (#"{"sweep": null}"#, "bcde"), (#"{"$nor": [{"state": "finished"}, {"tags": "odd"}]}"#, "d"),
                (#"{"$or": [{"name": "a"}, {"$and": [{"name": "b"}, {"state": "running"}]}]}"#, "ab"),
                (#"{"created_at": {"$gt": "2026-09-21T14:13:21"}}"#, "cde"),
                (#"{"createdAt": {"$lte": 1790000000}}"#, "a"), (#"{"duration": {"$gte": 60}}"#, "abcde"),
                (#"{"heartbeat_at": {"$gt": "2026-09-21"}, "state": "failed"}"#, "d"),
            ] {
                let predicate = try RunPredicate(wandb: filter)
                #expect(try await selected(predicate, in: store) == expected, "\(filter)")
                #expect(try await store.count(matching: predicate) == expected.count, "\(filter)")
            }
        }
    }

    @Test("Filters in words select the same")
    func words() async throws {
        try await withRuns { store in
            for (filter, expected) in [
                ("config.lr<0.1", "b"), ("config.lr <= 0.1 and state = finished", "a"),
                ("state=failed or config.lr >= 1 and state=finished", "cd"),
                ("(state=failed or config.lr>=1) AND not tags=even", "c"), ("run in (a, 'b',c)", "abc"),
                ("run not in (a,b)", "cde"), ("name = 'run a'", "a"), ("name ~ 'run [ab]'", "ab"),
                ("name !~ \"run [ab]\"", "cde"), ("config.lr exists", "abcd"), ("summary.loss < 1", "ab"),
                ("summary_metrics.'it''s' = 1", "e"), ("config.opt != sgd", "bcde"), ("config.flag = true", "d"),
                ("config.flag = 'true'", ""), ("config.lr = null", "e"), ("created > 2026-09-21T14:13:23Z", "e"),
                ("summary.loss = NaN", "c"), ("not not run = a", "a"),
            ] {
                let predicate = try RunPredicate(words: filter)
                #expect(try await selected(predicate, in: store) == expected, "\(filter)")
            }
        }
    }

    @Test("Orders put runs without the field last, and NaN and texts before them")
    func orders() async throws {
        try await withRuns { store in
            for (order, expected) in [
                ("", "abcde"), ("+created_at", "abcde"), ("-created_at", "edcba"), ("created_at", "abcde"),
                ("+summary_metrics.loss", "baecd"), ("-summary_metrics.loss", "eabcd"),
                ("config.lr.value", "bacde"), ("-config.lr", "cabde"),
                ("+display_name", "abcde"), ("-name", "edcba"), ("config.opt", "bacde"),
            ] {
                let runs = try await store.runs(matching: .everything, order: try RunOrder(wandb: order), limit: 9).runs
                #expect(runs.map(\.id.rawValue).joined() == expected, "\(order)")
            }
            let twice = try await store.runs(
                matching: .everything, order: try RunOrder(words: "-state, -created"), limit: 9)
            #expect(twice.runs.map(\.id.rawValue).joined() == "becad")
        }
    }

    @Test("Pages follow one another without gap or repetition", arguments: ["-created_at", "-summary_metrics.loss"])
    func pages(order: String) async throws {
        try await withRuns { store in
            let order = try RunOrder(wandb: order)
            let whole = try await store.runs(matching: .everything, order: order, limit: 9)
            var pieces: [RunID] = []
            var cursor: RunCursor?
            repeat {
                let page = try await store.runs(matching: .everything, order: order, limit: 2, after: cursor)
                pieces += page.runs.map(\.id)
                cursor = page.hasNext ? page.entries.last.flatMap { RunCursor($0.cursor.text) } : nil
            } while cursor != nil
            #expect(pieces == whole.runs.map(\.id))
            #expect(!whole.hasNext)
        }
    }

    @Test("A page by creation stays in its place while runs are added before it")
    func stablePages() async throws {
        try await withRuns { store in
            let first = try await store.runs(matching: .everything, limit: 2)
            _ = try await store.ingest(run: try runID("new"), batch(1, start()))
            let second = try await store.runs(matching: .everything, limit: 2, after: first.entries.last?.cursor)
            #expect(second.runs.map(\.id.rawValue) == ["c", "b"])
        }
    }

    @Test(
        "S7: what is no filter is refused with a sentence",
        arguments: [
            "", "[", "[]", "1", #"{"$where": "1"}"#, #"{"state": {"$like": "x"}}"#, #"{"nonsense": 1}"#,
            #"{"a; drop table runs": 1}"#, #"{"x.y": 1}"#, #"{"$and": {}}"#, #"{"$and": [1]}"#,
            #"{"state": {"$in": "x"}}"#, #"{"state": {"$regex": 1}}"#, #"{"state": {"$regex": "(a)\\1"}}"#,
            #"{"state": {"$exists": "yes"}}"#,
            String(repeating: "{\"$not\":", count: 40) + "{}"
                + String(repeating: "}", count: 40),
            "{\"$or\": [" + repeatElement(#"{"name": "a"}"#, count: 1001).joined(separator: ",") + "]}",
            #"{"state": {"$regex": ""# + String(repeating: "a", count: 600) + "\"}}",
            #"{"config."# + String(repeating: "k", count: 2000) + "\": 1}",
        ])
    func refused(filter: String) {
        #expect(throws: StoreError.self) { try RunPredicate(wandb: filter) }
    }

    @Test(
        "S7: what are no words of a filter is refused with a sentence",
        arguments: [
            "", "state", "state =", "state = 'x", "(state = x", "state = x)", "state = x y", "state => x", "= x",
            "state in x", "state in ()", "state not x", "lr < 1", "state = a and", "state ~ '(a)\\1'",
            String(repeating: "(", count: 50) + "state = x" + String(repeating: ")", count: 50),
        ])
    func refusedWords(filter: String) {
        #expect(throws: StoreError.self) { try RunPredicate(words: filter) }
    }

    @Test("S7: names and values that are SQL stay names and values")
    func injection() async throws {
        let evil = #"x' or 1=1; drop table runs; -- %_\"$1"#
        try await withRuns { store in
            for field in [RunField.config([evil]), .summary([evil, evil]), .column(.state)] {
                let predicates: [RunPredicate] = [
                    .equals(field, .string(evil)), .compare(field, .less, .string("a" + evil)),
                    .isAmong(field, [.string(evil), .int(1)]),
                ]
                for predicate in predicates { _ = try await store.runs(matching: predicate, limit: 9) }
                let order = RunOrder([.init(field, ascending: false)])
                #expect(try await store.runs(matching: .everything, order: order, limit: 9).runs.count == 5)
            }
            #expect(try await selected(.equals(.config([evil]), .string(evil)), in: store) == "")
            #expect(try await store.count(matching: .everything) == 5)
        }
    }

    @Test("S7: a text with NUL and a broken pattern are refused, a filter of the wrong kind too")
    func wrongValues() async throws {
        try await withRuns { store in
            await #expect(throws: PostgresError.self) {
                try await store.count(matching: .equals(.column(.state), .string("\0")))
            }
            for predicate in [
                RunPredicate.matches(.column(.state), "(("), .compare(.column(.createdAt), .less, .string("soon")),
                .compare(.column(.tags), .less, .int(1)), .compare(.config(["lr"]), .less, .null),
                .equals(.column(.duration), .string("long")),
            ] {
                await #expect(throws: StoreError.self, "\(predicate)") { try await store.count(matching: predicate) }
            }
        }
    }

    @Test("S14: a pattern that takes for ever is given up", .timeLimit(.minutes(1)))
    func patternBomb() async throws {
        try await withRuns { store in
            let text = String(repeating: "a", count: 60_000)
            try await store.pool.query("update runs set notes = \(text)")
            let bomb = RunPredicate.matches(.column(.notes), "((((a*)*)*)*|(a|aa)+|a{1,200}){200}$b")
            let start = ContinuousClock.now
            _ = try? await store.count(matching: bomb)
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(try await store.count(matching: .everything) == 5)
        }
    }
}
