import Experiment
import FoundationEssentials
import TestSupport
import Testing
import TrackerStore

@testable import TrackerImport

@Suite("Import of MLflow's runs")
struct MLflowImportTests {
    /// As MLflow 3 answers: two pages of runs, two of a history, NaN as a text, a metric logged twice at once.
    private static let answers = [
        MLflowServer.Answer(
            path: "experiments/search", words: [],
            body: #"{"experiments": [{"experiment_id": "7", "name": "old"}, {"experiment_id": "8", "name": "other"}]}"#),
        .init(path: "runs/search", words: [#""8""#], body: "{}"),
        .init(
            path: "runs/search", words: ["page_token"],
            body:
                #"{"runs": [{"info": {"run_id": "r2", "status": "RUNNING", "start_time": 1700000000000}, "data": {}}]}"#
        ),
        .init(
            path: "runs/search", words: [#""7""#],
            body: """
                {"runs": [{"info": {"run_id": "r1", "run_name": "bold-fox", "user_id": "ann", "status": "FINISHED",
                "start_time": 1700000000000, "end_time": 1700000060000}, "data": {
                "metrics": [{"key": "loss", "value": 0.25, "timestamp": 1700000002000, "step": 2}, {"key": "acc"}],
                "params": [{"key": "lr", "value": "0.01"}, {"key": "layers", "value": "3"}, {"key": "id", "value": "007"},
                    {"key": "amp", "value": "True"}],
                "tags": [{"key": "mlflow.note.content", "value": "a note"}, {"key": "team", "value": "x"},
                    {"key": "mlflow.source.git.commit", "value": "abc"}]}}], "next_page_token": "more"}
                """),
        .init(
            path: "metrics/get-history", words: ["run_id=r1", "metric_key=loss", "page_token=second"],
            body: """
                {"metrics": [{"key": "loss", "value": "NaN", "timestamp": 1700000002000, "step": 2},
                {"key": "loss", "value": 0.125, "timestamp": 1700000002000, "step": 2}]}
                """),
        .init(
            path: "metrics/get-history", words: ["run_id=r1", "metric_key=loss"],
            body: """
                {"metrics": [{"key": "loss", "value": 1.0, "timestamp": 1700000000000, "step": "0"},
                {"key": "loss", "value": 0.1, "timestamp": 1700000001000, "step": 1}], "next_page_token": "second"}
                """),
        .init(
            path: "metrics/get-history", words: ["metric_key=acc"],
            body: #"{"metrics": [{"key": "acc", "value": 5e-324, "timestamp": 1700000001000, "step": 1}]}"#),
    ]

    private func imported(_ source: MLflowImport, _ experiment: String? = nil) async throws -> [ImportedRun] {
        var runs: [ImportedRun] = []
        try await source.run(experiment: experiment) { runs.append($0) }
        return runs
    }

    @Test("Runs come with every value, and a second time changes nothing")
    func whole() async throws {
        let server = MLflowServer(Self.answers)
        defer { server.stop() }
        try await withScratchStore { store in
            let source = try MLflowImport(store: store, address: server.url)
            let runs = try await imported(source)
            #expect(runs.map(\.handle) == ["r1", "r2"] && runs.map(\.rows) == [4, 0])
            let run = try #require(try await store.clientRun(project: "old", handle: "r1"))
            #expect(run.name == "bold-fox" && run.username == "ann" && run.state == .finished)
            #expect(run.notes == "a note" && run.tags == ["team=x"])
            #expect(
                run.config.members == [
                    "lr": .double(0.01), "layers": .int(3), "id": .string("007"), "amp": .bool(true),
                ])
            #expect(run.created.timeIntervalSince1970 == 1_700_000_000)
            #expect(run.finished?.timeIntervalSince1970 == 1_700_000_060)
            let loss = try await store.series(run: run.number, metric: "loss")
            #expect(loss.steps == [0, 1, 2, 2] && loss.times[1] == 1_700_000_001_000_000)
            #expect(loss.values[0] == 1 && loss.values[1] == 0.1 && loss.values[2].isNaN && loss.values[3] == 0.125)
            let accuracy = try await store.series(run: run.number, metric: "acc")
            #expect(accuracy.values == [.leastNonzeroMagnitude] && accuracy.sequences == [2])

            #expect(try await imported(source).map(\.wasKnown) == [true, true])
            let again = try await store.series(run: run.number, metric: "loss")
            #expect(again.sequences == loss.sequences && again.attempts == loss.attempts)
        }
    }

    @Test("What cannot be imported is one sentence")
    func refused() async throws {
        let server = MLflowServer(Self.answers)
        defer { server.stop() }
        try await withScratchStore { store in
            #expect(throws: ImportError.self) { try MLflowImport(store: store, address: "sqlite:///mlflow.db") }
            let source = try MLflowImport(store: store, address: server.url)
            await #expect(throws: ImportError.self) { try await imported(source, "odl") }
            let nobody = try MLflowImport(store: store, address: "http://127.0.0.1:1")
            await #expect(throws: ImportError.self) { try await imported(nobody) }
            let wrong = MLflowServer([])
            defer { wrong.stop() }
            let other = try MLflowImport(store: store, address: wrong.url)
            await #expect(throws: ImportError.self) { try await imported(other) }
        }
    }
}
