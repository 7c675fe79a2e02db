import Experiment
import Foundation
import Testing

@testable import Dataset

/// Small clips (64 pixels, 1 s) made by the real ffmpeg.
@Suite("Preparation")
struct PreparationTests {
    static func options(_ home: String) -> PreparationOptions {
        var options = PreparationOptions(home: SagaHome(path: home))
        options.source = .synthetic
        options.name = "shapes"
        options.clips = 10
        options.vocabulary = 32
        options.audioVocabulary = 8
        options.audioCodebooks = 4
        options.format.side = 64
        options.format.audioSeconds = 1
        return options
    }

    @Test("Synthetic clips become a token set whose tokens decode to what was seen and heard")
    func synthetic() async throws {
        try await withFolder { folder in
            let report = try await Preparation(Self.options(folder)).run()
            #expect(report.trainClips == 8 && report.evalClips == 2 && !report.existed && report.skipped.isEmpty)
            let tokens = try TokenSet.open(report.path)
            #expect(tokens.modalities.map(\.name) == ["image", "pseudo-depth", "audio", "video", "label"])
            #expect(tokens.modalities.map(\.length) == [16, 16, 4 * 13, 32, 1])
            #expect(tokens.modalities.map(\.vocabularySize) == [32, 32, 8, 32, tokens.labels.count])
            let bundle = try TokenizerBundle.open(tokens.tokenizerDirectory)
            #expect(bundle.modalities == tokens.modalities)
            // A train clip: ten clips do not hold every colour, so eval clips show colours that no token stands for.
            let options = Self.options(folder)
            let clip = try await options.clipSource().clips()[0]
            let names = tokens.modalities.map(\.name)
            let rows = names.map { ($0, tokens.tokens(modality: $0, split: .train, clip: 0)) }
            var fidelity = Fidelity()
            fidelity.add(
                try await clip.media(options.format), tokens: Dictionary(uniqueKeysWithValues: rows), bundle: bundle)
            for (name, floor) in ["image": 17.0, "pseudo-depth": 20, "video": 16] {
                guard case .psnr(let decibels)? = fidelity.quality(of: name) else {
                    Issue.record("\(name) has no PSNR")
                    continue
                }
                #expect(decibels > floor, "\(name)")
            }
            guard case .melError(let decibels)? = fidelity.quality(of: "audio") else { throw CancellationError() }
            #expect(decibels < 12)
            let image = try bundle.decodeImage(
                modality: "image", tokens: tokens.tokens(modality: "image", split: .eval, clip: 0))
            #expect(image.width == 64 && image.pixels.count == 64 * 64 * 3)
            let sound = try bundle.decodeAudio(tokens: tokens.tokens(modality: "audio", split: .eval, clip: 0))
            #expect(sound.count == 24_000 && (sound.map(abs).max() ?? 0) > 0.05)
            let video = try bundle.decodeVideo(tokens: tokens.tokens(modality: "video", split: .eval, clip: 0))
            #expect(video.count == 9 && Set(video).count > 1)
            let examples = try FileManager.default.contentsOfDirectory(atPath: tokens.tokenizerDirectory + "/examples")
            #expect(examples.count == 10)
        }
    }

    @Test("A finer stream of the same picture lies beside the coarse one, decodes to the picture and keeps more of it")
    func fine() async throws {
        try await withFolder { folder in
            var options = Self.options(folder)
            options.finePatch = 4
            let report = try await Preparation(options).run()
            let tokens = try TokenSet.open(report.path)
            #expect(
                tokens.modalities.map(\.name) == ["image", "image_fine", "pseudo-depth", "audio", "video", "label"])
            #expect(tokens.modalities.map(\.length) == [16, 256, 16, 4 * 13, 32, 1])
            let bundle = try TokenizerBundle.open(tokens.tokenizerDirectory)
            #expect(bundle.modalities == tokens.modalities)
            guard case .psnr(let coarse)? = report.rows.first(where: { $0.modality.name == "image" })?.quality,
                case .psnr(let fine)? = report.rows.first(where: { $0.modality.name == "image_fine" })?.quality
            else { throw CancellationError() }
            #expect(fine > coarse, "\(fine) dB and \(coarse) dB")
            let clip = try await options.clipSource().clips()[0]
            let shown = try await clip.media(options.format).middleFrame
            let decoded = try bundle.decodeImage(
                modality: "image_fine", tokens: tokens.tokens(modality: "image_fine", split: .train, clip: 0))
            let error = zip(shown, decoded.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) } / shown.count
            #expect(error < 20)
            // Asked for again it is there; without the finer stream it is another token set.
            #expect(try await Preparation(options).run().existed)
            options.finePatch = nil
            await #expect(throws: DatasetError.self) { try await Preparation(options).run() }
        }
    }

    @Test("The same seed gives the same tokens, and what is there is left alone")
    func idempotent() async throws {
        try await withFolder { folder in
            var options = Self.options(folder)
            options.clips = 5
            let first = try TokenSet.open(try await Preparation(options).run().path)
            #expect(try await Preparation(options).run().existed)
            options.force = true
            let second = try TokenSet.open(try await Preparation(options).run().path)
            #expect(first.rows == second.rows)
            options.force = false
            options.seed = 7
            let error = await #expect(throws: DatasetError.self) { try await Preparation(options).run() }
            #expect(error?.kind == .exists)
        }
    }

    /// A clip that cannot be used: how ffmpeg makes it (nil: an empty file), and what the sentence then says.
    struct BadClip: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: DatasetError.Code
        let words: String
        let arguments: [String]?
    }

    static let badClips = [
        BadClip(testDescription: "empty", code: .emptyFile, words: "has 0 bytes", arguments: nil),
        BadClip(
            testDescription: "silent film", code: .noSound, words: "has no sound",
            arguments: ["-f", "lavfi", "-i", "testsrc=s=64x64:d=1"]),
        BadClip(
            testDescription: "no picture", code: .noPicture, words: "has no picture",
            arguments: ["-f", "lavfi", "-i", "sine=d=1"]),
        BadClip(
            testDescription: "too short", code: .tooShort, words: "is too short: 9 frames need 0.56 s",
            arguments: ["-f", "lavfi", "-i", "testsrc=s=64x64:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2"]),
    ]

    @Test("A bad clip stops the preparation with a sentence, or is skipped and named", arguments: badClips)
    func badClip(_ bad: BadClip) async throws {
        try await withFolder { folder in
            let good = ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-f", "lavfi", "-i", "sine=f=500:d=1"]
            try FileManager.default.createDirectory(atPath: "\(folder)/videos", withIntermediateDirectories: true)
            for (name, arguments) in [("good", good), ("bad", bad.arguments), ("other", good)] {
                let path = "\(folder)/videos/\(name)_000001.mp4"
                guard let arguments else {
                    try Data().write(to: URL(filePath: path))
                    continue
                }
                let made = try await FFmpeg.run(
                    "ffmpeg", ["-nostdin", "-v", "error"] + arguments + ["-shortest", path], about: path)
                #expect(made.succeeded, "\(made.messages)")
            }
            let list = "\(folder)/clips.csv"
            let lines = [
                "video_clip_name,timestamp,class,group_name", "good,1,a,train", "bad,1,b,train", "other,1,a,eval",
            ]
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: list))
            var options = Self.options(folder)
            options.source = .folder
            options.path = folder
            options.list = list
            let error = await #expect(throws: DatasetError.self) { try await Preparation(options).run() }
            #expect(error?.kind == bad.code)
            #expect(error?.description.contains(bad.words) == true)
            #expect(error?.description.contains("\(folder)/videos/bad_000001.mp4") == true)
            options.skipBad = true
            let report = try await Preparation(options).run()
            #expect(report.trainClips == 1 && report.evalClips == 1)
            #expect(report.skipped == [error?.description])
        }
    }

    @Test("A file that is no film is named")
    func unreadable() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a.mp4"
            try Data(repeating: 65, count: 1000).write(to: URL(filePath: path))
            let error = await #expect(throws: DatasetError.self) { try await FFmpeg.describe(path) }
            #expect(error?.kind == .unreadableClip && error?.description.contains(path) == true)
            #expect(error?.detail?.isEmpty == false)
            let missing = await #expect(throws: DatasetError.self) { try await FFmpeg.describe("\(folder)/b.mp4") }
            #expect(missing?.kind == .missingFile)
        }
    }

    @Test("A program that is not installed, or takes too long, is told apart from one that fails")
    func programs() async throws {
        await #expect(throws: Program.Failure.self) { try await Program.run("no-such-program-here", []) }
        let start = ContinuousClock.now
        await #expect(throws: Program.Failure.self) { try await Program.run("sleep", ["30"], seconds: 1) }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(try await Program.run("false", []).succeeded == false)
    }

    /// An option that cannot be used, and the word that its sentence must hold.
    struct BadOption: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let change: @Sendable (inout PreparationOptions) -> Void
    }

    static let badOptions = [
        BadOption(testDescription: "--patch") { $0.patch = 7 },
        BadOption(testDescription: "--fine-patch") { $0.finePatch = 16 },
        BadOption(testDescription: "--fine-patch") { $0.finePatch = 5 },
        BadOption(testDescription: "--side") { $0.format.side = 2048 },
        BadOption(testDescription: "--vocabulary") { $0.vocabulary = 1 },
        BadOption(testDescription: "--stride") { $0.stride = 0 },
        BadOption(testDescription: "--clips") { $0.clips = 1 },
        BadOption(testDescription: "--path") { $0.source = .folder },
    ]

    @Test("Options that cannot work are refused", arguments: badOptions)
    func options(_ bad: BadOption) {
        var options = Self.options("/nowhere")
        bad.change(&options)
        let error = #expect(throws: DatasetError.self) { try Preparation(options) }
        #expect(error?.kind == .option && error?.description.contains(bad.testDescription) == true)
    }

    @Test("Damaged tokenizers are refused")
    func damagedTokenizers() async throws {
        try await withFolder { folder in
            var options = Self.options(folder)
            options.clips = 5
            let report = try await Preparation(options).run()
            let directory = TokenSet.tokenizerDirectory(besides: report.path)
            let bundle = try TokenizerBundle.open(directory)
            #expect(throws: DatasetError.self) { try bundle.decodeImage(modality: "image", tokens: [1]) }
            #expect(throws: DatasetError.self) {
                try bundle.decodeImage(modality: "image", tokens: [Int32](repeating: 32, count: 16))
            }
            let weights = URL(filePath: "\(directory)/audio.safetensors")
            var data = try Data(contentsOf: weights)
            data[data.count - 1] ^= 1
            try data.write(to: weights)
            let error = #expect(throws: DatasetError.self) { try TokenizerBundle.open(directory) }
            #expect(error?.kind == .damagedTokenizer)
            try FileManager.default.removeItem(atPath: directory)
            let missing = #expect(throws: DatasetError.self) { try TokenizerBundle.open(directory) }
            #expect(missing?.kind == .missingFile)
        }
    }
}
