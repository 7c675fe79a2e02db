/// What `trainer generate` reads of a run's config.
package struct GenerationSettings: Sendable, Hashable {
    /// Modality to sample.
    package var target = "image"
    /// Modalities given whole, joined by `+`; nil: all others of the trained subset.
    package var condition: String?
    /// Divides the logits; 0 takes the likeliest token.
    package var temperature = 1.0
    /// Keep this many likeliest tokens; 0 keeps all.
    package var topK = 0
    /// Keep the likeliest tokens that together reach this probability; 1 keeps all.
    package var topP = 1.0
    /// ROAR steps: groups that the target's positions are decoded in.
    package var steps = 8
    /// Clips of the eval split to generate for.
    package var clips = 4
    package var seed = 0

    package init() {}
}

extension GenerationSettings {
    package static let keys = [
        "generation_target", "generation_condition", "temperature", "top_k", "top_p", "generation_steps",
        "generation_clips", "generation_seed",
    ]

    package init(config: [String: JSONValue]) throws(SettingsError) {
        self.init()
        let reader = ConfigReader(config)
        target = try reader.string("generation_target") ?? target
        condition = try reader.string("generation_condition")
        temperature = try reader.number("temperature", in: 0...100) ?? temperature
        topK = try reader.int("top_k", in: 0...10_000_000) ?? topK
        topP = try reader.number("top_p", in: 1e-9...1) ?? topP
        steps = try reader.int("generation_steps", in: 1...65536) ?? steps
        clips = try reader.int("generation_clips", in: 1...1_000_000) ?? clips
        seed = try reader.int("generation_seed", in: 0...Int(Int32.max)) ?? seed
    }
}
