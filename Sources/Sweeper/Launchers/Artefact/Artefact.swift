package import Experiment
import Foundation

/// What a stage of our trainer has made: the files in its run's directory that a later stage or a person reads, with
/// their digests. Lies beside them as `artefact.json`, written when the stage has ended well.
///
/// Logs, older checkpoints and the optimizer's state are no part of it: nobody who reads the result reads them.
package struct Artefact: Codable, Sendable, Hashable {
    package struct File: Codable, Sendable, Hashable {
        var bytes: Int64
        var sha256: String
        /// Nanoseconds since 1970 when it was last written. No part of the digest: a copy is as good.
        var modified: Int64
    }

    package static let fileName = "artefact.json"

    /// By path in the run's directory.
    package var files: [String: File]

    /// SHA-256 of a line `SHA256 BYTES PATH` for each file, sorted by path.
    package var digest: String {
        SHA256.hex(
            files.sorted { $0.key < $1.key }
                .map { "\($0.value.sha256) \($0.value.bytes) \($0.key)\n" }.joined())
    }

    /// Reads and notes what the stage in `directory` has made; answers its digest.
    package static func record(directory: String) async throws(LauncherError) -> String {
        let outcome: Result<String, LauncherError> = await blocking {
            do {
                var artefact = Artefact(files: [:])
                for path in parts(of: directory) {
                    guard let file = File(contentsOf: "\(directory)/\(path)") else {
                        return .failure(unreadable("\(directory)/\(path)"))
                    }
                    artefact.files[path] = file
                }
                try JSONCoding.encode(artefact)
                    .write(to: URL(filePath: "\(directory)/\(fileName)"), options: .atomic)
                return .success(artefact.digest)
            } catch {
                return .failure(unreadable("\(directory)/\(fileName)"))
            }
        }
        return try outcome.get()
    }

    private static func unreadable(_ path: String) -> LauncherError {
        LauncherError(
            "artefact", "\(path) cannot be read or written, so that no other sweep can take over what its run made")
    }

    /// Why what the record says another sweep has made cannot be taken over, as the rest of a sentence that begins with
    /// what it is; nil when every byte is as it was made.
    ///
    /// `trustsTimes` looks into no file whose size and time of writing are as they were noted: quick, for people who
    /// want to know what would happen.
    package static func defect(of reuse: StageReuse, trustsTimes: Bool = false) async -> String? {
        await blocking { defect(reuse, trustsTimes) }
    }

    private static func defect(_ reuse: StageReuse, _ trustsTimes: Bool) -> String? {
        let directory = reuse.directory
        guard FileManager.default.fileExists(atPath: directory) else { return "is not on this machine: \(directory)" }
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(fileName)"),
            let artefact = try? JSONCoding.decode(Artefact.self, from: data)
        else { return "has no readable \(directory)/\(fileName)" }
        guard artefact.digest == reuse.artefact else {
            return "is another one by now: \(directory)/\(fileName) has not the digest in the record"
        }
        let parts = Set(parts(of: directory))
        if let missing = Set(artefact.files.keys).subtracting(parts).filter({ File.stat("\(directory)/\($0)") == nil })
            .min()
        {
            return "is damaged: \(directory)/\(missing) is missing"
        }
        if let added = parts.subtracting(artefact.files.keys).min() {
            return "is not what was made: \(directory)/\(added) has been added"
        }
        for (path, file) in artefact.files.sorted(by: { $0.key < $1.key }) {
            let isWhole =
                trustsTimes && File.stat("\(directory)/\(path)").map { $0 == (file.bytes, file.modified) } == true
                || File(contentsOf: "\(directory)/\(path)").map {
                    $0.sha256 == file.sha256 && $0.bytes == file.bytes
                } == true
            if !isWhole { return "is damaged: \(directory)/\(path) is not as it was made" }
        }
        return nil
    }

    /// Files that tell what a run made, by their paths in its directory, sorted.
    static func parts(of directory: String) -> [String] {
        var paths = ["run.json", StageResult.fileName].filter { File.stat("\(directory)/\($0)") != nil }
        if let checkpoint = newestCheckpoint(directory) {
            // The optimizer's state is for whoever goes on with the training itself.
            paths += regularFiles(below: checkpoint, of: directory).filter { !$0.hasSuffix("/state.safetensors") }
        }
        paths += regularFiles(below: "media", of: directory)
        return paths.sorted()
    }

    /// As `checkpoints/step-00001200`: the last whole one, which is what is read.
    private static func newestCheckpoint(_ directory: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/checkpoints")) ?? []
        return names.filter { $0.hasPrefix("step-") && !$0.hasSuffix(".unfinished") }.sorted().last {
            File.stat("\(directory)/checkpoints/\($0)/checkpoint.json") != nil
        }.map { "checkpoints/\($0)" }
    }

    private static func regularFiles(below folder: String, of directory: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: "\(directory)/\(folder)")
        var paths: [String] = []
        while let name = names?.nextObject() as? String {
            if File.stat("\(directory)/\(folder)/\(name)") != nil { paths.append("\(folder)/\(name)") }
        }
        return paths
    }
}

extension Artefact.File {
    /// Reads the whole file; nil when there is none, or what is there is no regular file.
    init?(contentsOf path: String) {
        guard let before = Artefact.File.stat(path), let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        var hash = SHA256()
        var count: Int64 = 0
        while let piece = try? handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update([UInt8](piece))
            count += Int64(piece.count)
        }
        guard count == before.bytes else { return nil }
        self.init(bytes: count, sha256: hash.finish(), modified: before.modified)
    }

    /// Of a regular file; a link is none.
    static func stat(_ path: String) -> (bytes: Int64, modified: Int64)? {
        var status = Foundation.stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }
}
