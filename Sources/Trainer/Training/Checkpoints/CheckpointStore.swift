import FoundationEssentials
import Experiment
import Glibc

/// The checkpoints of one run: folders `step-00001200`, each complete or not there.
///
/// A checkpoint is written beside its place, forced to disk and renamed. Its manifest lists every file with its size;
/// a folder whose files do not agree with it (a disk that lost them) is passed over for the one before.
package struct CheckpointStore: Sendable {
    package let folder: String
    /// Older checkpoints than the newest `kept` are removed, but for the best.
    package let kept: Int
    /// So many of those with the lowest eval loss stay.
    package let keptBest: Int

    package init(runDirectory: String, kept: Int = 2, keptBest: Int = 1) {
        folder = runDirectory + "/checkpoints"
        self.kept = kept
        self.keptBest = keptBest
    }

    /// Makes a checkpoint of `position`; `fill` writes its files into the folder that it is given.
    ///
    /// - Returns: the folder of the checkpoint.
    @discardableResult
    package func write(
        _ position: TrainingPosition, fill: (_ folder: String) throws -> Void
    ) throws -> String {
        let path = "\(folder)/\(CheckpointStore.name(ofStep: position.step))"
        if manifest(inFolder: path)?.position == position { return path }
        try SafeFile.makeFolder(folder)
        removeUnfinished()
        let temporary = path + CheckpointStore.unfinishedSuffix
        try SafeFile.makeFolder(temporary)
        try fill(temporary)
        var manifest = CheckpointManifest(position: position, files: [:])
        for name in try FileManager.default.contentsOfDirectory(atPath: temporary) {
            try SafeFile.synchronize("\(temporary)/\(name)")
            manifest.files[name] = size(ofFile: "\(temporary)/\(name)")
        }
        try SafeFile.write(JSONCoding.encode(manifest), to: "\(temporary)/\(CheckpointManifest.fileName)")
        try? FileManager.default.removeItem(atPath: path)
        try SafeFile.rename(temporary, to: path)
        let best = Set(best().map(\.position.step))
        for old in steps().dropLast(kept) where !best.contains(old) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(CheckpointStore.name(ofStep: old))")
        }
        return path
    }

    /// Those with the lowest eval loss, lowest first; of equals the earlier.
    package func best() -> [Checkpoint] {
        let evaluated = whole().reversed().compactMap { checkpoint in
            checkpoint.position.evalLoss.map { (loss: $0, checkpoint: checkpoint) }
        }
        return evaluated.sorted { $0.loss < $1.loss }.prefix(keptBest).map(\.checkpoint)
    }

    /// Whether a state with this eval loss would be among the best.
    package func isAmongBest(_ loss: Double) -> Bool {
        guard keptBest > 0 else { return false }
        let best = best()
        return best.count < keptBest || best.contains { ($0.position.evalLoss ?? .infinity) > loss }
    }

    /// Checkpoints whose files are all there, newest first.
    package func whole() -> [Checkpoint] {
        steps().reversed().compactMap { step in
            let path = "\(folder)/\(CheckpointStore.name(ofStep: step))"
            return manifest(inFolder: path).map { Checkpoint(path: path, position: $0.position) }
        }
    }

    /// The manifest, if every file that it lists has its size.
    private func manifest(inFolder path: String) -> CheckpointManifest? {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(CheckpointManifest.fileName)"),
            let manifest = try? JSONCoding.decode(CheckpointManifest.self, from: data),
            manifest.files.allSatisfy({ size(ofFile: "\(path)/\($0.key)") == $0.value })
        else { return nil }
        return manifest
    }

    /// Steps that have a folder, rising.
    private func steps() -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)),
                name == CheckpointStore.name(ofStep: step)
            else { return nil }
            return step
        }.sorted()
    }

    /// What a killed process left half written.
    private func removeUnfinished() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix(CheckpointStore.unfinishedSuffix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private func size(ofFile path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private static let unfinishedSuffix = ".unfinished"

    private static func name(ofStep step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
