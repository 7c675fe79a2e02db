import Experiment
import Testing

@Suite("Settings of a run")
struct RunSettingsTests {
    @Test("The keys that are documented are the keys that are read")
    func keysAreUnique() {
        #expect(Set(RunSettings.configKeys).count == RunSettings.configKeys.count)
    }

    @Test("An empty config gives the reference's defaults")
    func defaults() throws {
        let settings = try TrainingSettings(config: [:])
        #expect(settings == TrainingSettings())
        #expect(settings.tokensPerSample == 256)
        #expect(settings.totalSteps == 5_000_000_000 / (256 * 128))
    }

    @Test("Values are read by their names")
    func values() throws {
        let settings = try TrainingSettings(config: [
            "subset": .string("image+audio"), "dim": .int(64), "head_dim": .double(16), "lr": .double(1e-3),
            "input_tokens_range": .array([.int(16), .int(64)]), "total_tokens": .double(1e6), "batch_size": .int(8),
            "masking": .object([
                "name": .string("report"), "strategy": .string("dirichlet"),
                "alphas": .object(["image": .int(1), "audio": .int(8)]),
            ]),
        ])
        #expect(settings.headDim == 16)
        #expect(settings.inputTokensRange == 16...64)
        #expect(settings.masking.label == "report")
        #expect(settings.warmupTokens == 100_000)
        #expect(settings.tokensPerStep == 8 * (64 + 128))
    }

    @Test(
        "A mistake gives one sentence that names the key",
        arguments: [
            (["subsets": .string("joint")], "unknown_key", "did you mean 'subset'?"),
            (["temperatur": .double(1)], "unknown_key", "did you mean 'temperature'?"),
            (["dim": .string("512")], "wrong_type", "dim must be a whole number"),
            (["dim": .double(1.5)], "wrong_type", "dim must be a whole number"),
            (["dim": .int(100), "head_dim": .int(64)], "invalid_value", "multiple of head_dim"),
            (["lr": .double(.nan)], "invalid_value", "lr must be from"),
            (["batch_size": .int(0)], "invalid_value", "batch_size must be from 1"),
            (["input_tokens_range": .array([.int(9), .int(3)])], "invalid_value", "must rise"),
            (["input_tokens_range": .int(9)], "wrong_type", "[low, high]"),
            (["masking": .string("balance")], "invalid_value", "did you mean 'balanced'?"),
            (["masking": .string("dirichlet")], "missing_key", "needs alphas"),
            (["masking": .object(["strategy": .string("dirichlet")])], "missing_key", "needs alphas"),
            (
                ["masking": .object(["strategy": .string("dirichlet"), "alphas": .object(["image": .int(0)])])],
                "invalid_value", "above 0"
            ),
            (["temperature": .double(-1)], "invalid_value", "temperature must be from"),
            (["total_tokens": .int(10), "warmup_tokens": .int(20)], "invalid_value", "exceed total_tokens"),
        ] as [([String: JSONValue], String, String)])
    func mistakes(config: [String: JSONValue], code: String, words: String) {
        #expect {
            try RunSettings.check(config: config)
        } throws: { error in
            guard let error = error as? SettingsError else { return false }
            return error.code == code && error.description.contains(words)
        }
    }

    @Test(
        "Run ids are safe as names of folders",
        arguments: ["", ".", "..", "a/b", "a b", "ä", "../x", ".hidden", "a\u{0}"])
    func unsafeNames(id: String) {
        #expect(RunID(rawValue: id) == nil)
    }

    @Test("The nearest word is offered only when it is near")
    func nearest() {
        #expect(nearestWord(to: "depth", among: ["image", "pseudo-depth", "audio"]) == nil)
        #expect(nearestWord(to: "maskin", among: ["masking", "metric"]) == "masking")
        #expect(nearestWord(to: "MASKING", among: ["masking"]) == "masking")
    }
}
