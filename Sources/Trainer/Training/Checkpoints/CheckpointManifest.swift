import Experiment
import FoundationEssentials
import Glibc

/// The file that makes a checkpoint whole: written last, it lists all others.
///
/// Sizes tell at a glance whether files were cut; checksums, for which every byte is read, whether a bit has changed.
struct CheckpointManifest: Codable, Hashable {
    static let fileName = "checkpoint.json"

    struct File: Codable, Hashable {
        let bytes: Int
        let crc32c: UInt32
    }

    let position: TrainingPosition
    /// By name, without this one.
    let files: [String: File]
    /// Of the two above in their one spelling, so that no bit of the position changes unnoticed either.
    let crc32c: UInt32

    private struct Body: Encodable {
        let position: TrainingPosition
        let files: [String: File]

        func checksum() throws -> UInt32 {
            var checksum = CRC32C()
            checksum.update(try JSONCoding.encode(self))
            return checksum.value
        }
    }

    /// Lists the files in `folder` as they are now.
    init(_ position: TrainingPosition, of folder: String) throws {
        var files: [String: File] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = "\(folder)/\(name)"
            files[name] = File(bytes: CheckpointManifest.size(of: path) ?? 0, crc32c: try SafeFile.checksum(of: path))
        }
        self.position = position
        self.files = files
        crc32c = try Body(position: position, files: files).checksum()
    }

    /// The manifest in `folder`; nil where there is none that is as it was written.
    init?(in folder: String) {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(CheckpointManifest.fileName)"),
            let manifest = try? JSONCoding.decode(CheckpointManifest.self, from: data),
            let checksum = try? Body(position: manifest.position, files: manifest.files).checksum(),
            checksum == manifest.crc32c
        else { return nil }
        self = manifest
    }

    /// Whether every file in `folder` is as long as it should be.
    func hasAllBytes(in folder: String) -> Bool {
        files.allSatisfy { CheckpointManifest.size(of: "\(folder)/\($0.key)") == $0.value.bytes }
    }

    /// The first file in `folder` whose bytes are not those that were written.
    func damagedFile(in folder: String) -> String? {
        files.keys.sorted().first { (try? SafeFile.checksum(of: "\(folder)/\($0)")) != files[$0]?.crc32c }
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}
