import Foundation
import Testing

/// A shared library in the place of one of NVIDIA's, compiled from a few lines of C.
struct FakeLibrary {
    let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
    let path: String

    /// `name` may begin with a folder.
    init(_ source: String, name: String = "libfake.so") throws {
        path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(source.utf8).write(to: URL(filePath: folder + "/fake.c"))
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/cc")
        compiler.arguments = ["-shared", "-fPIC", "-w", "-fno-builtin", "-o", path, folder + "/fake.c"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
    }

    /// What has been opened stays open.
    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
