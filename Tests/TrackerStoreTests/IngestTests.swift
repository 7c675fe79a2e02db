import Experiment
import FoundationEssentials
import TestSupport
import Testing
import TrackerStore

@Suite("Ingest", .timeLimit(.minutes(1)))
struct IngestTests {
    @Test("What was logged comes back bit for bit")
    func exact() async throws {
        let values: [Double] = [
            .nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1 + 0.2,
        ]
        let steps: [Int64] = [.min, -1, 0, 7, 7, 1 << 60, .max]
        try await withScratchStore { store in
            let id = try runID("exact")
            var request = batch(1, start())
            for (index, value) in values.enumerated() {
                request.records.append(
                    SequencedRecord(sequence: Int64(index + 2), record: row(steps[index], ["m": value], seconds: 0.25)))
            }
            #expect(try await store.ingest(run: id, request).acknowledged == 8)
            let points = try await store.history(run: id)
            #expect(points.map(\.value.bitPattern) == values.map(\.bitPattern))
            #expect(points.map(\.step) == steps)
            #expect(points.map(\.sequence) == Array(2...8))
            #expect(points.allSatisfy { $0.time == noon.addingTimeInterval(0.25) })
            // Of the two values of step 7 the later one is the curve's.
            #expect(try await store.distinctHistory(run: id).map(\.sequence) == [2, 3, 4, 6, 7, 8])
        }
    }

    @Test("A batch that is sent again, whole or in part, changes nothing")
    func resent() async throws {
        try await withScratchStore { store in
            let id = try runID("resent")
            let first = batch(1, start(), row(0, ["loss": 1]), row(1, ["loss": 2]))
            #expect(try await store.ingest(run: id, first).acknowledged == 3)
            #expect(try await store.ingest(run: id, first).acknowledged == 3)
            let overlapping = batch(1, from: 3, row(1, ["loss": 2]), row(2, ["loss": 3]))
            #expect(try await store.ingest(run: id, overlapping).acknowledged == 4)
            #expect(try await store.history(run: id).map(\.value) == [1, 2, 3])
        }
    }

    @Test("How the machine is doing is kept beside the metrics, not among them, and not in the summary")
    func system() async throws {
        try await withScratchStore { store in
            let id = try runID("system")
            let values = ["system.gpu.0.temp": 61.0, "system.cpu": 93]
            let system = RunRecord.system(MetricRow(step: 5, time: noon, values: values))
            let request = batch(1, start(), row(0, ["loss": 1]), system, row(1, ["loss": 2]))
            for _ in 0..<2 { #expect(try await store.ingest(run: id, request).acknowledged == 4) }
            #expect(try await store.history(run: id).map(\.value) == [1, 2])
            #expect(try await store.metricNames(run: id) == ["loss"])
            let number = try await store.number(of: id)
            #expect(try await store.extent(run: number, stream: .system).rows == 1)
            #expect(try await store.lastRow(run: number, stream: .system)?.numbers == values)
        }
    }

    @Test("A gap is refused with the sequence number that is expected")
    func gap() async throws {
        try await withScratchStore { store in
            let id = try runID("gap")
            // Of a run that the tracker does not know (any more) everything is wanted.
            let unknown = try await #require(throws: StoreError.self) {
                try await store.ingest(run: id, batch(1, from: 3, row(0, ["loss": 1])))
            }
            #expect(unknown.kind == .sequenceGap)
            #expect(unknown.expected == 1)
            _ = try await store.ingest(run: id, batch(1, start()))
            let error = try await #require(throws: StoreError.self) {
                try await store.ingest(run: id, batch(1, from: 4, row(0, ["loss": 1])))
            }
            #expect(error.kind == .sequenceGap)
            #expect(error.expected == 2)
            #expect(try await store.history(run: id).isEmpty)
        }
    }

    @Test("A run that nobody has started is refused, and one sent by two at once is kept once")
    func beginning() async throws {
        try await withScratchStore { store in
            let id = try runID("new")
            let error = try await #require(throws: StoreError.self) {
                try await store.ingest(run: id, batch(1, row(0, ["loss": 1])))
            }
            #expect(error.kind == .unknownRun)
            let first = batch(1, start(), row(0, ["loss": 1]))
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try await store.ingest(run: id, first) } }
                try await group.waitForAll()
            }
            #expect(try await store.history(run: id).count == 1)
        }
    }

    @Test("A later attempt puts the run back to running, and late words of the older one do not change it")
    func attempts() async throws {
        try await withScratchStore { store in
            let id = try runID("again")
            let config: [String: JSONValue] = ["lr": .double(0.5), "old": .int(1)]
            _ = try await store.ingest(
                run: id, batch(1, start(config: config), row(1, ["loss": 9]), row(2, ["loss": 8]), finish(.failed)))
            #expect(try await store.run(id).state == .failed)
            _ = try await store.ingest(
                run: id, batch(2, start(config: ["lr": .double(0.25)]), row(2, ["loss": 7]), row(3, ["loss": 6])))
            #expect(try await store.run(id).state == .running)
            #expect(try await store.run(id).finished == nil)
            _ = try await store.ingest(
                run: id, batch(1, from: 5, row(4, ["loss": 5, "only_old": 1]), finish(.crashed, exitCode: 9)))

            let run = try await store.run(id)
            #expect(run.state == .running)
            #expect(run.attempt == 2)
            #expect(run.config == ["lr": .double(0.25), "old": .int(1)])
            #expect(run.summary["loss"]?.number == 6)
            #expect(run.summary["only_old"]?.number == 1)
            #expect(try await store.history(run: id, metrics: ["loss"]).map(\.value) == [9, 8, 5, 7, 6])
            #expect(try await store.distinctHistory(run: id, metrics: ["loss"]).map(\.value) == [9, 7, 6, 5])

            _ = try await store.ingest(run: id, batch(2, from: 4, finish()))
            #expect(try await store.run(id).state == .finished)
            #expect(try await store.run(id).exitCode == 0)
        }
    }

    @Test("The summary holds what was written last, be it a metric or a word")
    func summary() async throws {
        try await withScratchStore { store in
            let id = try runID("summary")
            _ = try await store.ingest(
                run: id,
                batch(
                    1, start(), row(0, ["a": 1, "nan": .nan]), .summary(["a": .string("x"), "b": .array([.int(1)])]),
                    row(1, ["c": 0.1])))
            let summary = try await store.run(id).summary
            #expect(
                summary == ["a": .string("x"), "b": .array([.int(1)]), "c": .double(0.1), "nan": .string("NaN")])
        }
    }

    @Test("Hostile names are data")
    func hostileNames() async throws {
        try await withScratchStore { store in
            let id = try runID("..-hostile".replacing("..", with: "x"))
            let name = "'; drop table points; -- \" % _ \\ $1 {}"
            _ = try await store.ingest(
                run: id, batch(1, start(project: name, name: name, config: [name: .string(name)]), row(0, [name: 1])))
            #expect(try await store.history(run: id).map(\.metric) == [name])
            #expect(try await store.runs(RunFilter(project: name)).map(\.config) == [[name: .string(name)]])
            #expect(try await store.best(BestQuery(project: name, metric: name, groupBy: [name])).count == 1)
        }
    }

    static let refused: [(String, IngestRequest)] = [
        ("attempt 0", batch(0, start())),
        ("sequence 0", batch(1, from: 0, start())),
        ("sequence at the end", batch(1, from: .max - 1, start())),
        ("a NUL in a metric", batch(1, start(), row(0, ["a\0b": 1]))),
        ("a NUL in the config", batch(1, start(config: ["a": .array([.string("\0")])]))),
        ("an empty metric", batch(1, start(), row(0, ["": 1]))),
        ("a long metric", batch(1, start(), row(0, [String(repeating: "m", count: 513): 1]))),
        ("an empty project", batch(1, start(project: ""))),
        ("a time without end", batch(1, start(), row(0, ["a": 1], seconds: 1e18))),
        ("a finish that goes on", batch(1, start(), finish(.running))),
        ("a file elsewhere", batch(1, start(), file("../../etc/passwd"))),
        ("an absolute file", batch(1, start(), file("/etc/passwd"))),
    ]

    static func file(_ path: String) -> RunRecord {
        .file(
            RunFile(
                key: "k", step: 0, path: path, mediaType: "image/png", bytes: 1,
                sha256: String(repeating: "0", count: 64), time: noon))
    }

    @Test("What can never be stored is refused in words", arguments: refused)
    func refusal(what: String, request: IngestRequest) async throws {
        try await withScratchStore { store in
            let id = try runID("refused")
            let error = try await #require(throws: StoreError.self) { try await store.ingest(run: id, request) }
            #expect([.invalidRecord, .tooLarge].contains(error.kind), "\(what): \(error)")
            #expect(try await store.runs(RunFilter()).isEmpty)
        }
    }

    @Test("A file that is registered again replaces the one of its path")
    func files() async throws {
        try await withScratchStore { store in
            let id = try runID("files")
            _ = try await store.ingest(run: id, batch(1, start(), IngestTests.file("media/a.png")))
            guard case .file(var changed) = IngestTests.file("media/a.png") else { return }
            changed.bytes = 2
            try await store.registerFile(run: id, attempt: 1, changed)
            #expect(try await store.files(run: id).map(\.file) == [changed])
            #expect(try await store.files(run: id, key: "other").isEmpty)
        }
    }
}
