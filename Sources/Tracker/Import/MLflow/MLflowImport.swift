import Experiment
import Foundation
package import TrackerStore

/// Brings the runs of an MLflow tracking server along: experiments become projects, parameters the config.
///
/// A run that is imported again is recognised: of its rows only what is new is added. Artifacts stay where they are.
package struct MLflowImport: Sendable {
    private let store: TrackerStore
    private let client: MLflowClient
    /// Nil: the experiment's name.
    private let project: String?

    private static let rowsPerReport = 1_000

    /// `address`: of the tracking server, as `http://localhost:5000`; `token`: as in MLFLOW_TRACKING_TOKEN.
    package init(store: TrackerStore, address: String, token: String? = nil, project: String? = nil) throws {
        guard address.hasPrefix("http://") || address.hasPrefix("https://") else {
            throw ImportError(
                "not_a_server",
                "'\(address)' is not the address of a server; start one on the store, with 'mlflow server "
                    + "--backend-store-uri \(address)', and give its address, as http://127.0.0.1:5000")
        }
        self.store = store
        self.project = project
        client = try MLflowClient(url: address, token: token)
    }

    /// `experiment`: the name of the only one wanted; nil for all. `progress` hears of each run when it is done.
    package func run(experiment: String? = nil, progress: (ImportedRun) -> Void) async throws {
        let all = try await client.experiments()
        let wanted = all.filter { experiment == nil || $0.name == experiment }
        if let experiment, wanted.isEmpty {
            throw ImportError(
                "unknown_experiment",
                "there is no experiment '\(experiment)'\(didYouMean(experiment, among: all.map(\.name)))")
        }
        for experiment in wanted {
            for run in try await client.runs(of: experiment) { progress(try await add(run, of: experiment)) }
        }
    }

    private func add(_ run: MLflowRun, of experiment: MLflowExperiment) async throws -> ImportedRun {
        let project = project ?? experiment.name
        let known = try await store.clientRun(project: project, handle: run.id)
        let made = try await store.upsertRun(
            project: project, handle: run.id, known == nil ? edit(run) : ClientRunEdit()
        ).run
        var imported = ImportedRun(project: project, handle: run.id, run: made.id, name: made.name)
        imported.wasKnown = known != nil
        var (history, system) = (MLflowRows(), MLflowRows())
        for metric in run.metrics {
            let points = try await client.history(run: run.id, metric: metric)
            if metric.hasPrefix("system/") { system.add(points, of: metric) } else { history.add(points, of: metric) }
        }
        let rows = history.rows()
        imported.rows = rows.count
        try await report(rows, of: imported) { $0.history = $1 }
        try await report(system.rows(), of: imported) { $0.system = $1 }
        try await store.settleImported(
            run: made.id, state: run.state, exitCode: nil, started: run.start.map { Date(microseconds: $0 &* 1000) },
            finished: run.end.map { Date(microseconds: $0 &* 1000) })
        return imported
    }

    private func report(
        _ rows: [ClientRows.Row], of imported: ImportedRun, _ put: (inout ClientReport, ClientRows) -> Void
    ) async throws {
        for start in stride(from: 0, to: rows.count, by: Self.rowsPerReport) {
            let part = rows[start..<min(start + Self.rowsPerReport, rows.count)]
            var report = ClientReport()
            put(&report, ClientRows(offset: Int64(start), rows: Array(part)))
            _ = try await store.record(report, project: imported.project, handle: imported.handle)
        }
    }

    private func edit(_ run: MLflowRun) -> ClientRunEdit {
        var edit = ClientRunEdit()
        (edit.name, edit.username, edit.config, edit.tags) = (run.name, run.user, run.config, run.ownTags)
        edit.notes = run.tags["mlflow.note.content"]
        edit.group = run.tags["mlflow.parentRunId"]
        edit.program = run.tags["mlflow.source.name"]
        if let commit = run.tags["mlflow.source.git.commit"] {
            edit.code["git"] = .object(["commit": .string(commit)])
        }
        return edit
    }
}
