import Experiment
import Foundation
package import TrackerServer
package import TrackerStore

/// Brings runs along that W&B's client recorded offline, or failed to upload.
///
/// A run that is imported again is recognised: of its rows only what is new is added.
package struct WandbImport: Sendable {
    private let store: TrackerStore
    private let files: FileStore
    /// Nil: the project that each run names.
    private let project: String?

    private static let rowsPerReport = 1_000
    private static let fileLimit = 64 << 20

    package init(store: TrackerStore, files: FileStore, project: String? = nil) {
        self.store = store
        self.files = files
        self.project = project
    }

    /// Imports the run in a folder, or the runs in a folder of such. `progress` hears of each when it is done.
    package func run(_ path: String, progress: (ImportedRun) -> Void) async throws {
        for folder in try WandbFolder.find(path) { progress(try await add(folder)) }
    }

    private func add(_ folder: WandbFolder) async throws -> ImportedRun {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder.log), options: .alwaysMapped),
            var log = TransactionLog([UInt8](bytes))
        else { throw ImportError("not_wandb", "\(folder.log) is no log of W&B's that can be read; leave it out") }
        var replay = WandbReplay()
        var imported: ImportedRun?
        while let record = log.next() {
            replay.add(WandbRecord(record))
            if imported == nil, replay.run != nil { imported = try await begin(replay) }
            if let imported, replay.history.rows.count + replay.system.rows.count >= Self.rowsPerReport {
                try await report(replay.takeRows(), of: imported)
            }
        }
        guard var imported, let run = replay.run else {
            throw ImportError("no_wandb_run", "\(folder.log) does not say which run it is of; leave it out")
        }
        var last = replay.takeRows()
        imported.rows = Int(replay.history.offset)
        last.summary = HistoryLine.cut(replay.summary.filter { $0.key != "_wandb" })
        last.console = console(folder)
        try await report(last, of: imported)
        try await end(replay, run, imported)
        (imported.files, imported.skipped) = try await addFiles(of: folder, to: imported, replay)
        imported.skipped += log.skipped
        return imported
    }
}

extension WandbImport {
    /// Makes the run; what people may have changed since an earlier import stays as it is.
    private func begin(_ replay: WandbReplay) async throws -> ImportedRun? {
        guard let run = replay.run else { return nil }
        let project = self.project ?? (run.project.isEmpty ? "uncategorized" : run.project)
        if let known = try await store.clientRun(project: project, handle: run.id) {
            var imported = ImportedRun(project: project, handle: run.id, run: known.id, name: known.name)
            imported.wasKnown = true
            return imported
        }
        var edit = ClientRunEdit()
        (edit.name, edit.group, edit.jobType, edit.sweep) = (run.name, run.group, run.jobType, run.sweep)
        (edit.notes, edit.tags) = (run.notes, run.tags)
        let made = try await store.upsertRun(project: project, handle: run.id, edit).run
        return ImportedRun(project: project, handle: run.id, run: made.id, name: made.name)
    }

    private func report(_ report: ClientReport, of imported: ImportedRun) async throws {
        _ = try await store.record(report, project: imported.project, handle: imported.handle)
    }

    /// What is known when the whole log has been read.
    private func end(_ replay: WandbReplay, _ run: WandbRecord.Run, _ imported: ImportedRun) async throws {
        var edit = ClientRunEdit()
        edit.config = HistoryLine.cut(replay.config.filter { $0.key != "_wandb" })
        edit.clientConfig = replay.config["_wandb"].flatMap { Secrets.removed(from: $0).object }
        edit.code = Secrets.removed(from: .object(replay.code)).object ?? [:]
        (edit.program, edit.host, edit.username) = (replay.program, replay.host, replay.username)
        _ = try await store.editRun(id: imported.run.rawValue, edit)
        let start = run.start.map { Date(microseconds: $0) }
        let finish =
            replay.runtime.flatMap { start?.addingTimeInterval(Double($0)) }
            ?? replay.lastTime.map { Date(microseconds: $0) }
        let state: RunState = replay.exitCode.map { $0 == 0 ? .finished : .failed } ?? .crashed
        try await store.settleImported(
            run: imported.run, state: state, exitCode: replay.exitCode, started: start, finished: finish)
        guard try await store.alerts(run: imported.run).isEmpty else { return }
        for alert in replay.alerts {
            _ = try await store.addAlert(
                project: imported.project, handle: imported.handle, level: alert.level, title: alert.title,
                text: alert.text)
        }
    }

    private func console(_ folder: WandbFolder) -> [ConsoleLine] {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder.files + "/output.log")) else { return [] }
        let lines = String(decoding: bytes.prefix(Self.fileLimit), as: UTF8.self)
            .replacing("\0", with: "\u{FFFD}").split(separator: /\r?\n/, omittingEmptySubsequences: false)
        return lines.dropLast(lines.last == "" ? 1 : 0).enumerated().map {
            ConsoleLine(line: Int64($0), text: String($1.prefix(65_536)))
        }
    }

    private func addFiles(
        of folder: WandbFolder, to imported: ImportedRun, _ replay: WandbReplay
    ) async throws -> (added: Int, skipped: Int) {
        var (added, skipped) = (0, 0)
        for name in folder.fileNames {
            guard let path = BlobName.path(name),
                let bytes = try? Data(contentsOf: URL(fileURLWithPath: "\(folder.files)/\(name)")),
                bytes.count <= Self.fileLimit
            else {
                skipped += 1
                continue
            }
            let file = try files.write([UInt8](bytes), run: imported.run, path: path)
            try await store.registerFile(run: imported.run, attempt: Int(Int32.max), file)
            added += 1
        }
        return (added, skipped)
    }
}

extension Date {
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
