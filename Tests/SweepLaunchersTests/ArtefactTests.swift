import Experiment
import Foundation
import SweepLaunchers
import Testing

@Suite("What a stage has made, and whether it is whole")
struct ArtefactTests {
    private static let made = [
        "run.json", "result.json", "checkpoints/step-00000020/model.safetensors",
        "checkpoints/step-00000020/checkpoint.json", "media/generation/image-0.png",
    ]
    private static let besides = [
        "output.log", "log-1.sagalog", "placement.json", "checkpoints/step-00000010/model.safetensors",
        "checkpoints/step-00000010/checkpoint.json", "checkpoints/step-00000020/state.safetensors",
        "checkpoints/step-00000030.unfinished/model.safetensors",
    ]

    /// A run's folder as the trainer leaves it; removed when the body has ended.
    private func withRun(_ body: (_ directory: String, _ reuse: StageReuse) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/saga-artefact-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for path in ArtefactTests.made + ArtefactTests.besides { try write("content of \(path)", directory, path) }
        let digest = try await Artefact.record(directory: directory)
        try await body(
            directory,
            StageReuse(
                key: "k", sweepName: "first", run: try #require(RunID(rawValue: "r")), directory: directory,
                artefact: digest))
    }

    private func write(_ text: String, _ directory: String, _ path: String) throws {
        let url = URL(filePath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func flip(_ directory: String, _ path: String) throws {
        let url = URL(filePath: "\(directory)/\(path)")
        var data = try Data(contentsOf: url)
        data[data.count / 2] ^= 1
        try data.write(to: url)
    }

    @Test("One flipped bit in any of its files is seen, and the file is named", arguments: made)
    func flipped(path: String) async throws {
        try await withRun { directory, reuse in
            #expect(await Artefact.defect(of: reuse) == nil)
            try flip(directory, path)
            let expected = "is damaged: \(directory)/\(path) is not as it was made"
            #expect(await Artefact.defect(of: reuse) == expected)
            #expect(await Artefact.defect(of: reuse, trustsTimes: true) == expected)
        }
    }

    @Test("A file that is gone is seen", arguments: made)
    func missing(path: String) async throws {
        try await withRun { directory, reuse in
            try FileManager.default.removeItem(atPath: "\(directory)/\(path)")
            #expect(await Artefact.defect(of: reuse)?.hasPrefix("is damaged") == true)
        }
    }

    @Test("Logs, older checkpoints and the optimizer's state are no part of it", arguments: besides)
    func unread(path: String) async throws {
        try await withRun { directory, reuse in
            try flip(directory, path)
            #expect(await Artefact.defect(of: reuse) == nil)
        }
    }

    @Test("Whoever reads the newest checkpoint would read another one: a later one makes it another result")
    func laterCheckpoint() async throws {
        try await withRun { directory, reuse in
            for name in ["model.safetensors", "checkpoint.json"] {
                try write("later", directory, "checkpoints/step-00000040/\(name)")
            }
            #expect(await Artefact.defect(of: reuse)?.contains("step-00000040") == true)
        }
    }

    @Test("The record's digest decides, not the list that lies beside the files")
    func otherDigest() async throws {
        try await withRun { directory, reuse in
            try flip(directory, "media/generation/image-0.png")
            _ = try await Artefact.record(directory: directory)
            #expect(await Artefact.defect(of: reuse)?.hasPrefix("is another one by now") == true)
            try FileManager.default.removeItem(atPath: "\(directory)/\(Artefact.fileName)")
            #expect(await Artefact.defect(of: reuse)?.contains("has no readable") == true)
            try FileManager.default.removeItem(atPath: directory)
            #expect(await Artefact.defect(of: reuse) == "is not on this machine: \(directory)")
        }
    }

    @Test("A copy is as good, whenever its files were written; times alone are trusted only by who asks for that")
    func times() async throws {
        try await withRun { directory, reuse in
            let path = "\(directory)/result.json"
            let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
            #expect(await Artefact.defect(of: reuse, trustsTimes: true) == nil)
            // Damage that leaves the time of writing as it was.
            let copy = try Data(contentsOf: URL(filePath: path))
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.write(contentsOf: Data([copy[0] ^ 1]))
            try handle.close()
            try FileManager.default.setAttributes([.modificationDate: try #require(written)], ofItemAtPath: path)
            #expect(await Artefact.defect(of: reuse) != nil)
        }
    }

    @Test("A link is no file of a result")
    func link() async throws {
        try await withRun { directory, reuse in
            let path = "\(directory)/result.json"
            try FileManager.default.moveItem(atPath: path, toPath: path + ".real")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".real")
            #expect(await Artefact.defect(of: reuse)?.contains("result.json is missing") == true)
        }
    }
}
