import Experiment
import Testing

@testable import Dataset

@Suite("Layouts")
struct LayoutTests {
    /// Three codebooks of four frames; a token's number is 10 * codebook + frame.
    private let audio = ModalityInfo(name: "audio", length: 12, vocabularySize: 100)
    private var stored: [Int32] { (0..<3).flatMap { codebook in (0..<4).map { Int32(10 * codebook + $0) } } }

    private func tokenSet(codebooks: String? = "3") -> TokenSet {
        TokenSet(
            path: "set.h5",
            modalities: [
                audio, ModalityInfo(name: "video", length: 4, vocabularySize: 9),
                ModalityInfo(name: "label", length: 1, vocabularySize: 3),
            ],
            provenance: Provenance(
                source: "", credit: "", options: codebooks.map { ["audio_codebooks": $0] } ?? [:], ffmpeg: "",
                createdBy: ""),
            labels: ["dog barking", "cat", "dog growling"], clipsOfSplit: [.train: ["x"], .eval: []],
            rows: [.train: ["audio": stored, "video": [1, 2, 3, 4], "label": [2]]])
    }

    private func laidOut(_ change: (inout TokenLayout) -> Void) throws -> TokenSet {
        var layout = TokenLayout()
        change(&layout)
        return try tokenSet().laidOut(as: layout)
    }

    @Test("The delay pattern goes by frame + codebook, and back")
    func delay() throws {
        let set = try laidOut { $0.audioOrder = .delay }
        let tokens = set.tokens(modality: "audio", split: .train, clip: 0)
        #expect(tokens == [0, 1, 10, 2, 11, 20, 3, 12, 21, 13, 22, 23])
        #expect(set.restored(tokens, modality: "audio") == stored)
        #expect(set.steps["audio"] == [[0], [1, 2], [3, 4, 5], [6, 7, 8], [9, 10], [11]])
        #expect(set.frames["audio"]?[0].map { tokens[$0] } == [0, 10, 20])
    }

    @Test("The first codebooks are shown alone, and the others come back as absent")
    func codebooks() throws {
        let set = try laidOut { $0.audioCodebooks = 2 }
        let tokens = set.tokens(modality: "audio", split: .train, clip: 0)
        #expect(tokens == [0, 1, 2, 3, 10, 11, 12, 13])
        #expect(set.modality("audio")?.length == 8)
        #expect(set.restored(tokens, modality: "audio") == tokens + [-1, -1, -1, -1])
        let both = try laidOut { ($0.audioCodebooks, $0.audioOrder) = (2, .delay) }
        #expect(both.tokens(modality: "audio", split: .train, clip: 0) == [0, 1, 10, 2, 11, 3, 12, 13])
    }

    @Test("Video is shown by frames")
    func video() throws {
        let set = try laidOut { $0.videoFrames = [1] }
        #expect(set.tokens(modality: "video", split: .train, clip: 0) == [3, 4])
        #expect(set.restored([7, 8], modality: "video") == [-1, -1, 7, 8])
    }

    @Test("A class is the words of its name, and words name a class")
    func words() throws {
        let set = try laidOut { $0.label = .words }
        // barking, cat, dog, growling
        #expect(set.modality("label") == ModalityInfo(name: "label", length: 2, vocabularySize: 5))
        #expect(set.tokens(modality: "label", split: .train, clip: 0) == [3, 4])
        #expect(set.restored([3, 4], modality: "label") == [2])
        #expect(set.restored([2, 0], modality: "label") == [1])
        #expect(set.restored([2, 4], modality: "label") == [1])
    }

    @Test("The usual layout changes nothing")
    func flat() throws {
        let set = try laidOut { _ in }
        #expect(set.tokens(modality: "audio", split: .train, clip: 0) == stored)
        #expect(set.modalities == tokenSet().modalities)
    }

    @Test("What the token set does not have is refused")
    func refused() {
        #expect(throws: DatasetError.self) { try laidOut { $0.audioCodebooks = 4 } }
        #expect(throws: DatasetError.self) { try laidOut { $0.videoFrames = [2] } }
        var delay = TokenLayout()
        delay.audioOrder = .delay
        #expect(throws: DatasetError.self) { try tokenSet(codebooks: nil).laidOut(as: delay) }
    }
}
