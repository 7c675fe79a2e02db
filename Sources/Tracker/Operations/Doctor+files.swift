import Experiment
import Foundation
import TrackerStore

extension Doctor {
    /// Files that the record names must be there and be what was sent; files that it does not name are somebody's
    /// leftovers.
    func files() async throws -> [Finding] {
        var findings: [Finding] = []
        let runs = Set(try await database.store.runs(RunFilter(limit: Int(Int32.max))).map(\.id))
        for run in runs.sorted(by: { $0.rawValue < $1.rawValue }) {
            for stored in try await database.store.files(run: run) {
                if let finding = check(stored) { findings.append(finding) }
            }
        }
        for name in try names(in: home.files) where RunID(rawValue: name).map({ !runs.contains($0) }) ?? true {
            if repairs { try FileManager.default.removeItem(atPath: home.files + "/" + name) }
            findings.append(
                problem(
                    "orphaned_files", "\(home.files)/\(name) belongs to no run",
                    "--repair removes it", isRepaired: repairs))
        }
        return findings + unfinishedUploads()
    }

    private func check(_ stored: StoredFile) -> Finding? {
        let path = "\(home.files)/\(stored.run)/\(stored.file.path)"
        let remedy = "restore a backup, or send the run again with 'tracker sync'"
        guard RelativePath(stored.file.path) != nil, let file = FileHandle(forReadingAtPath: path) else {
            return problem("missing_file", "run \(stored.run): '\(stored.file.path)' is not there", remedy)
        }
        var (hash, size) = (SHA256(), 0)
        while let bytes = try? file.read(upToCount: 1 << 20), !bytes.isEmpty {
            hash.update(bytes)
            size += bytes.count
        }
        guard size == stored.file.bytes, hash.finish() == stored.file.sha256 else {
            return problem("damaged_file", "run \(stored.run): '\(stored.file.path)' is not what was sent", remedy)
        }
        return nil
    }

    /// What a server that was killed in the middle of receiving has left.
    private func unfinishedUploads() -> [Finding] {
        let all = FileManager.default.enumerator(atPath: home.files)?.compactMap { $0 as? String } ?? []
        return all.filter { ($0 as NSString).lastPathComponent.hasPrefix(".upload-") }.compactMap { name in
            let path = home.files + "/" + name
            let changed = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            guard let changed, now.timeIntervalSince(changed) > 86400 else { return nil }
            if repairs { unlink(path) }
            return problem(
                "unfinished_upload", "\(path) was never received to its end", "--repair removes it",
                isRepaired: repairs)
        }
    }

    private func names(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    }
}
