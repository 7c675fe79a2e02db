import FoundationEssentials

/// A folder that goes away with the test that made it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = "\(FileManager.default.temporaryDirectory.path)/saga-training-\(UUID().uuidString)"
        // A folder that could not be made shows in the first file that is written to it.
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names(_ subfolder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(subfolder)").sorted()
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }
}
