import FoundationEssentials
import Experiment

/// The checkpoints of one run: folders `step-00001200`, each complete or not there.
///
/// A checkpoint is written beside its place, forced to disk and renamed. Its manifest lists every file with its size and
/// checksum; a folder whose files do not agree with it (a disk that lost or changed them) is passed over for the one
/// before.
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
        let path = place(ofStep: position.step)
        if (try? CheckpointStore.verified(path))?.position == position { return path }
        try SafeFile.makeFolder(folder)
        removeUnfinished()
        let temporary = path + CheckpointStore.unfinishedSuffix
        try SafeFile.makeFolder(temporary)
        try fill(temporary)
        for name in try FileManager.default.contentsOfDirectory(atPath: temporary) {
            try SafeFile.synchronize("\(temporary)/\(name)")
        }
        let manifest = try CheckpointManifest(position, of: temporary)
        try SafeFile.write(JSONCoding.encode(manifest), to: "\(temporary)/\(CheckpointManifest.fileName)")
        try? FileManager.default.removeItem(atPath: path)
        try SafeFile.rename(temporary, to: path)
        let best = Set(best().map(\.position.step))
        for old in steps().dropLast(kept) where !best.contains(old) {
            try? FileManager.default.removeItem(atPath: place(ofStep: old))
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

    /// Checkpoints whose files are all there in full, newest first. Their bytes are not read: see ``firstValid(_:)``.
    package func whole() -> [Checkpoint] {
        steps().reversed().compactMap { step in
            let path = place(ofStep: step)
            guard let manifest = CheckpointManifest(in: path), manifest.hasAllBytes(in: path) else { return nil }
            return Checkpoint(path: path, position: manifest.position)
        }
    }

    /// What `read` makes of the newest checkpoint with every bit in its place; nil where there never was one.
    ///
    /// `passedOver` hears of each that is damaged. Where all are, the damage of the newest is thrown: to start anew would
    /// cost all that was trained, and is for the person to decide.
    package func firstValid<Result>(
        _ read: (Checkpoint) throws -> Result, passedOver: (TrainingError) -> Void = { _ in }
    ) throws -> Result? {
        var damage: TrainingError?
        for step in steps().reversed() {
            let checkpoint: Checkpoint
            do throws(TrainingError) {
                checkpoint = try CheckpointStore.verified(place(ofStep: step))
            } catch {
                passedOver(error)
                damage = damage ?? error
                continue
            }
            return try read(checkpoint)
        }
        guard let damage else { return nil }
        throw TrainingError(
            .damagedCheckpoint,
            "\(damage.description), and no checkpoint before it is whole; put it back from a copy, or remove \(folder) "
                + "to begin again")
    }

    /// The checkpoint in this folder, after a look at each of its bytes.
    package static func verified(_ path: String) throws(TrainingError) -> Checkpoint {
        let manifest = CheckpointManifest(in: path)
        let file = manifest.map { $0.damagedFile(in: path) } ?? CheckpointManifest.fileName
        guard let manifest, file == nil else {
            throw TrainingError(.damagedCheckpoint, "\(path) is not as it was written (\(file ?? "")): check the disk")
        }
        return Checkpoint(path: path, position: manifest.position)
    }

    /// Steps that have a folder, rising.
    private func steps() -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), place(ofStep: step) == "\(folder)/\(name)"
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

    private static let unfinishedSuffix = ".unfinished"

    private func place(ofStep step: Int) -> String {
        let digits = String(step)
        return "\(folder)/step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
