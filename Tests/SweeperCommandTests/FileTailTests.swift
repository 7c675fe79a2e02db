import Foundation
import Testing

@testable import sweeper

@Suite("Following output")
struct FileTailTests {
    @Test("Nothing is lost or told twice through growth, rotation and truncation")
    func rotation() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-tail-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/output.log"
        var tail = FileTail(path: path)
        func new() -> String { String(decoding: tail.read().flatMap { Array($0) }, as: UTF8.self) }
        func append(_ text: String) throws {
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(atPath: path, contents: nil)
            }
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        #expect(!tail.exists && new() == "")
        try append("one\ntw")
        #expect(new() == "one\ntw")
        #expect(new() == "")
        try append("o\n")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try append("three\n")
        #expect(new() == "o\nthree\n")
        try FileHandle(forWritingAtPath: path)?.truncate(atOffset: 0)
        try append("4\n")
        #expect(new() == "4\n")
        #expect(tail.exists)
    }
}
