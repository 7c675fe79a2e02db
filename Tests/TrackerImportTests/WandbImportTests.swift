import Experiment
import Foundation
import TestSupport
import Testing
import TrackerServer
import TrackerStore

@testable import TrackerImport

/// Runs that the real client has recorded.
@Suite("Import of W&B's runs", .enabled(if: WandbScript.isAvailable, "needs Python with wandb at .build/python"))
struct WandbImportTests {
    private static let script = """
        import wandb
        run = wandb.init(project="past", id="old1", name="old run", group="g", job_type="train", tags=["t1", "t2"],
            notes="some notes", config={"lr": 0.01, "opt": {"name": "adam", "betas": [0.9, 0.99]}, "seed": 2**60 + 1})
        for i in range(3000):
            run.log({"loss": 1 / (i + 1), "train": {"acc": i * 0.1}, "nan": float("nan"), "big": 2**60 + i,
                "flag": i % 2 == 0})
        run.log({"note": "hello", "page": wandb.Html("<b>x</b>"), "table": wandb.Table(columns=["a"], data=[[1]])})
        run.log({"late": 1.5}, step=5000)
        run.summary["best"] = 0.25
        run.summary["nested"] = {"a": 1}
        run.config["later"] = "yes"
        run.config.update({"lr": 0.02}, allow_val_change=True)
        print("a line")
        run.alert("title", "text")
        run.finish(exit_code=3)
        """

    private static func losses(_ count: Int) -> [Double] { (0..<count).map { 1 / Double($0 + 1) } }

    private func withImport(
        _ body: @Sendable (TrackerStore, WandbImport, _ folder: String) async throws -> Void
    ) async throws {
        try await WandbScript.run(Self.script) { folder in
            try await withScratchStore { store in
                let files = FileStore(root: folder + "/files")
                try await body(store, WandbImport(store: store, files: files), folder + "/wandb")
            }
        }
    }

    private func imported(_ source: WandbImport, _ folder: String) async throws -> [ImportedRun] {
        var runs: [ImportedRun] = []
        try await source.run(folder) { runs.append($0) }
        return runs
    }

    @Test("Everything that a run logged comes along, and a second time changes nothing")
    func whole() async throws {
        try await withImport { store, source, folder in
            let first = try #require(try await imported(source, folder).first)
            #expect(first.skipped == 0)
            #expect(first.rows == 3002)
            #expect(first.files >= 3)
            #expect(!first.wasKnown)
            let run = try #require(try await store.clientRun(project: "past", handle: "old1"))
            #expect([run.name, run.group, run.jobType, run.notes] == ["old run", "g", "train", "some notes"])
            #expect(run.tags == ["t1", "t2"])
            #expect(run.state == .failed)
            let config = run.config.members
            #expect(config["lr"] == .double(0.02) && config["later"] == .string("yes"))
            #expect(config["seed"] == .int(1 << 60 + 1))
            #expect(config["opt"]?.object?["betas"] == .array([.double(0.9), .double(0.99)]))
            #expect(run.summary.members["best"] == .double(0.25))
            let loss = try await store.series(run: run.number, metric: "loss")
            #expect(loss.values == Self.losses(3000))
            #expect(loss.steps == Array(0..<3000))
            let accuracy = try await store.series(run: run.number, metric: "train.acc")
            let expected: [Double] = (0..<3000).map { Double($0) * 0.1 }
            #expect(accuracy.values == expected)
            #expect(try await store.series(run: run.number, metric: "nan").values.allSatisfy(\.isNaN))
            #expect(try await store.series(run: run.number, metric: "late").steps == [5000])
            let rows = try await store.rows(run: run.number, names: ["big", "flag", "note"], limit: 10_000)
            #expect(rows[7].others["big"] == .int(1 << 60 + 7) && rows[7].others["flag"] == .bool(false))
            #expect(rows.last?.others["note"] == .string("hello"))
            #expect(try await store.consoleTail(run: run.id, limit: 5).map(\.text).contains("a line"))
            #expect(try await store.alerts(run: run.id).map(\.title) == ["title"])
            #expect(try await store.files(run: run.id).map(\.file.path).contains { $0.hasPrefix("media/html/") })

            let second = try #require(try await imported(source, folder).first)
            #expect(second.wasKnown && second.rows == 3002)
            #expect(try await store.series(run: run.number, metric: "loss") == loss)
            #expect(try await store.alerts(run: run.id).count == 1)
            let again = try #require(try await store.clientRun(id: run.id.rawValue))
            #expect(again.config == run.config && again.summary == run.summary && again.state == run.state)
            #expect(again.created == run.created && again.finished == run.finished && again.attempt == run.attempt)
        }
    }

    @Test("A torn log gives every row before the tear, and the rest once it is there")
    func torn() async throws {
        try await withImport { store, source, folder in
            let found = try #require(try WandbFolder.find(folder).first)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: found.log))
            for part in [0.3, 0.6, 1.0] {
                try bytes.prefix(Int(Double(bytes.count) * part)).write(to: URL(fileURLWithPath: found.log))
                let run = try #require(try await imported(source, folder).first)
                let number = try await store.number(of: run.run)
                let values = try await store.series(run: number, metric: "loss").values
                #expect(values == Self.losses(values.count))
                #expect((part == 1 ? 3000...3000 : 500...2999).contains(values.count))
                let state = try await store.run(run.run).state
                #expect(state == (part == 1 ? .failed : .crashed))
            }
        }
    }

    @Test("A damaged stretch costs its own rows only (wandb#1817, #5561)")
    func damaged() async throws {
        try await withImport { store, source, folder in
            let found = try #require(try WandbFolder.find(folder).first)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: found.log))
            for place in [100_000, 100_001, 200_000] { bytes[place] ^= 0xFF }
            try bytes.write(to: URL(fileURLWithPath: found.log))
            let run = try #require(try await imported(source, folder).first)
            #expect(run.skipped > 0)
            let values = Set(try await store.series(run: try await store.number(of: run.run), metric: "loss").values)
            #expect(values.count > 2000)
            #expect(values.isSubset(of: Self.losses(3000)))
        }
    }

    @Test("What is no run is refused with a sentence")
    func nothing() async throws {
        try await withScratchStore { store in
            let folder = try scratchFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let source = WandbImport(store: store, files: FileStore(root: folder + "/files"))
            await #expect(throws: ImportError.self) { try await source.run(folder) { _ in } }
            try Data("no log".utf8).write(to: URL(fileURLWithPath: folder + "/run-x.wandb"))
            await #expect(throws: ImportError.self) { try await source.run(folder) { _ in } }
        }
    }
}
