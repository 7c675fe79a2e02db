import Output
import Experiment
import Foundation
import Testing
import TrackerStore

@testable import tracker

@Suite("Picture sheets")
struct SheetLayoutTests {
    @Test("Pictures lie where their runs' configs say, numbers in order, the truth first")
    func layout() throws {
        let runs = try [("a", "joint", 1.0), ("b", "joint", 0.5), ("c", "pair", 0.5)].map { try run($0.0, $0.1, $0.2) }
        var files = try runs.map { try file($0, key: "image", path: "media/image-0.png") }
        files.append(try file(runs[0], key: "image_truth", path: "media/truth-0.png"))
        files.append(try file(runs[0], key: "image", path: "media/image-old.png", step: 0))
        let layout = SheetLayout(rows: ["subset"], columns: ["temperature"], key: "image", picture: 0)
        let sheet = try layout.sheet(title: "t", runs: runs, files: files) { file in
            Self.png(width: UInt8(file.run.rawValue.utf8.first ?? 0), height: file.file.path.contains("truth") ? 1 : 2)
        }
        #expect(sheet.rows == ["joint", "pair"])
        #expect(sheet.columns == ["truth", "0.5", "1"])
        let letters = sheet.cells.map { $0.map { $0.map { "\(UnicodeScalar(UInt8($0.width)))\($0.height)" } } }
        #expect(letters == [["a1", "b2", "a2"], [nil, "c2", nil]])
        #expect(throws: Never.self) { try XMLDocumentCheck.check(sheet.svg()) }
    }

    @Test("Without pictures there is a sentence and no sheet")
    func nothing() {
        let layout = SheetLayout(rows: ["subset"], columns: [], key: "image", picture: 0)
        #expect(throws: CommandError.self) { try layout.sheet(title: "t", runs: [], files: []) { _ in nil } }
    }

    @Test("Only PNG files are shown")
    func png() {
        let bytes = Self.png(width: 3, height: 4)
        #expect(PNG(bytes)?.width == 3 && PNG(bytes)?.height == 4)
        #expect(PNG(Array("<svg onload=alert(1)></svg> and more".utf8)) == nil)
        for length in 0..<25 { #expect(PNG(Array(bytes.prefix(length))) == nil) }
    }

    private static func png(width: UInt8, height: UInt8) -> [UInt8] {
        [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
            + [0, 0, 0, width, 0, 0, 0, height, 8]
    }

    private func run(_ id: String, _ subset: String, _ temperature: Double) throws -> RunSummary {
        let config: [String: JSONValue] = ["subset": .string(subset), "temperature": .double(temperature)]
        let json: JSONValue = .object([
            "id": .string(id), "project": .string("p"), "name": .string(id), "state": .string("finished"),
            "config": .object(config), "summary": .object([:]), "tags": .array([]), "attempt": .int(1),
            "created": .int(0),
        ])
        return try JSONCoding.decode(RunSummary.self, from: JSONCoding.encode(json))
    }

    private func file(_ run: RunSummary, key: String, path: String, step: Int = 1) throws -> StoredFile {
        let stored: JSONValue = .object([
            "run": .string(run.id.rawValue), "runName": .string(run.name), "attempt": .int(1),
            "file": .object([
                "key": .string(key), "step": .int(Int64(step)), "path": .string(path),
                "mediaType": .string("image/png"),
                "bytes": .int(1), "sha256": .string(""), "time": .int(0),
            ]),
        ])
        return try JSONCoding.decode(StoredFile.self, from: JSONCoding.encode(stored))
    }
}
