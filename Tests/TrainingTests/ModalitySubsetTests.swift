import Testing
import Training

@Suite("A run's subset of modalities")
struct ModalitySubsetTests {
    static let available = ["image", "pseudo-depth", "audio", "video", "label"]

    @Test(
        "is resolved in the token set's order",
        arguments: [
            ("joint", ["image", "pseudo-depth", "audio", "video"]),
            ("audio+image", ["image", "audio"]),
            ("image+label", ["image", "label"]),
            ("video", ["video"]),
        ])
    func resolves(text: String, names: [String]) throws {
        #expect(try ModalitySubset.resolve(text, available: Self.available) == names)
    }

    @Test(
        "with a name that is not there says what was meant",
        arguments: [
            ("image+vidio", "the token set has no modality 'vidio'; did you mean 'video'?"),
            ("image+depth", "the token set has no modality 'depth'; did you mean 'pseudo-depth'?"),
            ("image+smell", "the token set has no modality 'smell'; it has image, pseudo-depth, audio, video, label"),
            ("", "the token set has no modality ''; it has image, pseudo-depth, audio, video, label"),
            ("image+image", "subset 'image+image' names a modality twice; name each once"),
        ])
    func refuses(text: String, sentence: String) {
        let error = #expect(throws: TrainingError.self) {
            try ModalitySubset.resolve(text, available: Self.available)
        }
        #expect(error?.description == sentence)
        #expect(error?.code == "unknown_modality")
    }
}
