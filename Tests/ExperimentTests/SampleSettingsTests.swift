import Experiment
import Testing

@Suite("Settings of masking, layout and generation")
struct SampleSettingsTests {
    private func masking(_ value: JSONValue) throws -> MaskingStrategy {
        try TrainingSettings(config: ["masking": value]).masking
    }

    @Test("Every strategy is read by its name or its mapping")
    func strategies() throws {
        let alphas = MaskingAlphas(inputs: ["image": 1], targets: ["image": 1])
        let written: JSONValue = .object(["image": .int(1)])
        #expect(try masking(.string("proportional")).rule == .proportional(temperature: 2))
        #expect(try masking(.string("span")).rule == .span(modalities: ["audio"], base: .balanced))
        #expect(try masking(.string("curriculum")).rule == .curriculum(strength: 4, floor: 0.05))
        let mixture: JSONValue = .object([
            "strategy": .string("mixture"), "name": .string("4m"),
            "of": .array([.object(["alphas": written]), .object(["weight": .int(3), "alphas": written])]),
        ])
        #expect(
            try masking(mixture).rule
                == .mixture([
                    MaskingComponent(weight: 1, alphas: alphas), MaskingComponent(weight: 3, alphas: alphas),
                ]))
        #expect(try masking(mixture).label == "4m")
        let span: JSONValue = .object([
            "strategy": .string("span"), "modalities": .array([.string("video")]), "base": .string("uniform"),
        ])
        #expect(try masking(span).rule == .span(modalities: ["video"], base: .uniform))
    }

    @Test(
        "A mistake is named",
        arguments: [
            (["masking": .string("mixture")], "needs its parts"),
            (["masking": .object(["strategy": .string("span"), "base": .string("span")])], "cannot have the base"),
            (["masking": .object(["strategy": .string("balanced"), "alphas": .int(1)])], "no key 'alphas'"),
            (["loss_weights": .string("mean")], "loss_weights must be"),
            (["loss_weights": .object(["image": .int(-1)])], "loss_weights of image"),
            (["loss_weights": .object(["image": .int(0)])], "above 0"),
            (["audio_layout": .string("delayed")], "did you mean 'delay'?"),
            (["video_frames": .array([.int(0), .int(0)])], "different whole numbers"),
            (["top_k": .double(1.5)], "share below 1"),
            (["generation_order": .string("maskgid")], "did you mean 'maskgit'?"),
            (["temperature_schedule": .string("onex"), "temperature_min": .int(2)], "must not be above"),
            (["generation_chain": .string("image")], "generation_chain must be"),
            (
                ["generation_chain": .string("image > audio"), "generation_target": .string("audio")],
                "not both"
            ),
        ] as [([String: JSONValue], String)])
    func mistakes(config: [String: JSONValue], words: String) {
        #expect {
            try RunSettings.check(config: config)
        } throws: { error in
            (error as? SettingsError)?.description.contains(words) ?? false
        }
    }

    @Test("Loss weights decide between modalities and tokens, whatever per_modality_loss_avg says")
    func lossWeights() throws {
        #expect(try !TrainingSettings(config: ["loss_weights": .string("tokens")]).perModalityLossAverage)
        let uniform = try TrainingSettings(config: [
            "loss_weights": .string("uniform"), "per_modality_loss_avg": .bool(false),
        ])
        #expect(uniform.perModalityLossAverage)
    }
}
