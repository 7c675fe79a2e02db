import Experiment
import Foundation
import Testing

@testable import Dataset

@Suite("Token sets")
struct TokenSetTests {
    static let modalities = [
        ModalityInfo(name: "image", length: 4, vocabularySize: 10), ModalityInfo(name: "label", length: 1, vocabularySize: 2),
    ]
    static let rows: [Split: TokenRows] = [
        .train: TokenRows(clips: ["a", "b"], tokens: ["image": [0, 1, 2, 3, 4, 5, 6, 9], "label": [0, 1]]),
        .eval: TokenRows(clips: ["ü/ö"], tokens: ["image": [7, 7, 7, 7], "label": [1]]),
    ]
    static let provenance = Provenance(
        source: "synthetic", credit: "none", options: ["seed": "1"], ffmpeg: "ffmpeg 5", createdBy: "test")

    static func write(
        _ path: String, modalities: [ModalityInfo] = modalities, rows: [Split: TokenRows] = rows
    ) throws {
        try TokenSetWriter.write(
            to: path, modalities: modalities, labels: ["cat", "dog"], splits: rows, tokenizerHashes: ["image": "abc"],
            provenance: provenance)
    }

    @Test("What was written is read")
    func roundTrip() throws {
        try withFolder { folder in
            try Self.write("\(folder)/a.h5")
            let set = try TokenSet.open("\(folder)/a.h5")
            #expect(set.modalities == Self.modalities)
            #expect(set.labels == ["cat", "dog"])
            #expect(set.provenance == Self.provenance)
            #expect(set.clips(in: .train) == ["a", "b"] && set.clips(in: .eval) == ["ü/ö"])
            #expect(set.tokens(modality: "image", split: .train, clip: 1) == [4, 5, 6, 9])
            #expect(set.tokens(modality: "label", split: .eval, clip: 0) == [1])
            #expect(set.tokens(modality: "image", split: .eval, clip: 1).isEmpty)
            #expect(set.tokenizerDirectory == "\(folder)/a.tokenizers")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.h5"])
        }
    }

    @Test("A split may be empty")
    func emptySplit() throws {
        try withFolder { folder in
            try Self.write("\(folder)/a.h5", rows: [.train: Self.rows[.train] ?? TokenRows()])
            #expect(try TokenSet.open("\(folder)/a.h5").clips(in: .eval).isEmpty)
        }
    }

    /// A way to spoil a token set, and what the error then says.
    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: DatasetError.Code
        let words: [String]
        let spoil: @Sendable (String) throws -> Void
    }

    static let damages = [
        Damage(testDescription: "missing", code: .missingFile, words: ["no token set", "trainer prepare"]) {
            try FileManager.default.removeItem(atPath: $0)
        },
        Damage(testDescription: "no HDF5", code: .notATokenSet, words: ["not a complete HDF5 file"]) {
            try Data("hello".utf8).write(to: URL(filePath: $0))
        },
        Damage(testDescription: "cut off", code: .notATokenSet, words: ["not a complete HDF5 file"]) {
            let data = try Data(contentsOf: URL(filePath: $0))
            try data.prefix(data.count / 2).write(to: URL(filePath: $0))
        },
        Damage(testDescription: "another HDF5 file", code: .notATokenSet, words: ["no token set"]) { path in
            #expect(HDF5File.create(path) != nil)
        },
        Damage(
            testDescription: "ids beyond the vocabulary", code: .vocabularyTooSmall,
            words: ["modality image", "clip b", "token id 9", "vocabulary has 9"]
        ) {
            let small = ModalityInfo(name: "image", length: 4, vocabularySize: 9)
            try write($0, modalities: [small, modalities[1]])
        },
        Damage(
            testDescription: "negative ids", code: .vocabularyTooSmall, words: ["clip ü/ö", "token id -1"]
        ) {
            var spoilt = rows
            spoilt[.eval]?.tokens["image"] = [1, -1, 2, 3]
            try write($0, rows: spoilt)
        },
        Damage(
            testDescription: "a row too few", code: .damagedTokenSet, words: ["/train/image", "4 tokens where 2 clips"]
        ) {
            var spoilt = rows
            spoilt[.train]?.tokens["image"] = [1, 2, 3, 4]
            try write($0, rows: spoilt)
        },
        Damage(testDescription: "a modality missing", code: .damagedTokenSet, words: ["/train/image is missing"]) {
            let file = try #require(HDF5File.create($0))
            #expect(file.setAttribute("format_version", of: "/", to: 1))
            #expect(file.setAttribute("modalities", of: "/", to: "image"))
            let json = try JSONCoding.encode(provenance)
            #expect(file.setAttribute("provenance", of: "/", to: String(decoding: json, as: UTF8.self)))
            #expect(file.write("/labels", strings: []))
        },
        Damage(testDescription: "a newer format", code: .notATokenSet, words: ["format version 99"]) {
            let file = try #require(HDF5File.create($0))
            #expect(file.setAttribute("format_version", of: "/", to: 99))
            #expect(file.setAttribute("modalities", of: "/", to: "image"))
        },
    ]

    @Test("Every damage has its sentence", arguments: damages)
    func damaged(_ damage: Damage) throws {
        try withFolder { folder in
            let path = "\(folder)/a.h5"
            try Self.write(path)
            try damage.spoil(path)
            let error = #expect(throws: DatasetError.self) { try TokenSet.open(path) }
            #expect(error?.kind == damage.code)
            for words in damage.words + [path] { #expect(error?.description.contains(words) == true) }
        }
    }
}

/// Gives `body` a folder that is gone afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/saga-dataset-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/saga-dataset-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
