import Dataset
import Experiment
import FoundationEssentials
import Glibc
import Testing
import Training

/// From clips made by the real ffmpeg to pictures sampled by a model trained on them.
@Suite("From clips to samples")
struct PreparedClipsTests {
    let workshop: Workshop
    private let tokens: TokenSet

    /// 64 pixels, 1 s: pictures of 4 x 4 tokens, and of 8 x 8.
    init() async throws {
        workshop = try Workshop()
        var options = PreparationOptions(home: SagaHome(path: workshop.folder.path))
        options.source = .synthetic
        options.name = "shapes"
        options.clips = 20
        options.vocabulary = 32
        options.finePatch = 8
        options.audioVocabulary = 8
        options.audioCodebooks = 4
        options.format.side = 64
        options.format.audioSeconds = 1
        tokens = try TokenSet.open(try await Preparation(options).run().path)
    }

    private func config(_ changes: [String: JSONValue]) -> [String: JSONValue] {
        let own: [String: JSONValue] = [
            "tokens": .string(tokens.path), "total_tokens": 51_200, "eval_every_tokens": 51_200,
            "checkpoint_every_tokens": 51_200, "lr": 0.01,
        ]
        return workshop.config(own.merging(changes) { $1 })
    }

    private func train(_ name: String, _ changes: [String: JSONValue]) throws -> [MetricRow] {
        #expect(try workshop.run(name, config: config(changes)) == 0)
        return try workshop.rows(name).filter { $0.values["[Eval]/loss"] != nil }
    }

    private func generate(_ name: String, chain: String) throws -> [String: Double] {
        let generation: [String: JSONValue] = [
            "generation_chain": .string(chain), "generation_clips": 2, "generation_samples": 2, "generation_steps": 4,
            "temperature": 0.7, "guidance_scale": 1.5,
        ]
        #expect(
            try workshop.run(
                "\(name)-made", "generate", config: generation, inputs: ["train": workshop.directory(name)]) == 0)
        return try #require(workshop.rows("\(name)-made").last).values
    }

    private func size(ofPicture path: String) throws -> [UInt8] {
        // A PNG's header: signature, length and type of the first chunk, then width and height.
        Array(try Data(contentsOf: URL(filePath: path))[16..<24])
    }

    @Test("A coarse picture and a fine one are two modalities; the fine one is sampled from the coarse one's samples")
    func superResolution() throws {
        #expect(tokens.modality("image")?.length == 16)
        #expect(tokens.modality("image_fine") == ModalityInfo(name: "image_fine", length: 64, vocabularySize: 32))
        let rows = try train("pair", ["subset": "audio+image+image_fine", "target_tokens_range": [4, 32]])
        let name = "probe/image_fine_given_image"
        let (first, last) = (try #require(rows.first?.values[name]), try #require(rows.last?.values[name]))
        #expect(abs(first - log(32)) < 1e-4 && last < 0.7 * first, "\(first), then \(last)")
        let means = try generate("pair", chain: "audio > image > image_fine")
        #expect(try #require(means["generation/token_nll"]) < 0.8 * log(32))
        #expect(means["generation/image/token_nll"] != nil)
        for modality in ["image", "image_fine"] {
            for sample in 0..<4 {
                let path = "\(workshop.directory("pair-made"))/media/generation/\(modality)-\(sample).png"
                #expect(try size(ofPicture: path) == [0, 0, 0, 64, 0, 0, 0, 64])
            }
        }
    }

    @Test("Pictures are sampled from a class, given as one token or as the words of its name")
    func labels() throws {
        for form in ["token", "words"] {
            let rows = try train(form, ["subset": "image+label", "label": .string(form), "total_tokens": 25_600])
            let (first, last) = (try #require(rows.first), try #require(rows.last))
            #expect(last.values["[Eval]/image"] ?? 9 < 0.8 * (first.values["[Eval]/image"] ?? 0))
            let trained = try TrainedModel.open(workshop.directory(form))
            // Names as "rising disc".
            #expect(trained.tokens.modality("label")?.length == (form == "words" ? 2 : 1))
            let means = try generate(form, chain: "label > image")
            #expect(try #require(means["generation/token_nll"]) < log(32))
            let picture = "\(workshop.directory("\(form)-made"))/media/generation/image-3.png"
            #expect(try size(ofPicture: picture).last == 64)
        }
    }
}
