/// What `trainer generate` reads of a run's config.
package struct GenerationSettings: Sendable, Hashable {
    /// In which order a modality's positions are decoded.
    package enum Order: String, Sendable, Hashable, CaseIterable {
        /// A random one.
        case roar
        /// Those first that the model is surest of.
        case maskgit
        /// Rising.
        case autoregressive
    }

    /// How many positions each step decodes.
    package enum StepSchedule: String, Sendable, Hashable, CaseIterable {
        /// Equally many, the remainder in the last: the reference's.
        case constant
        /// Equally many, sizes differing by one at most.
        case linear
        /// Few at first, many at the end.
        case cosine
    }

    /// How the temperature changes from step to step.
    package enum TemperatureSchedule: String, Sendable, Hashable, CaseIterable {
        case constant
        /// Down to nearly 0, as positions are done.
        case linear
        /// As 1 / sqrt(x), down to `temperature_min`: steeply at first.
        case onex
    }

    /// Modality to sample.
    package var target = "image"
    /// Modalities given whole, joined by `+`; nil: all others of the trained subset.
    package var condition: String?
    /// What is given (joined by `+`), then what is sampled from all before it, as `label > image > pseudo-depth`.
    package var chain: [String]?
    package var order = Order.roar
    package var stepSchedule = StepSchedule.constant
    /// Divides the logits; 0 takes the likeliest token.
    package var temperature = 1.0
    package var temperatureSchedule = TemperatureSchedule.constant
    /// Where the schedule onex ends.
    package var minimumTemperature = 0.0
    /// Keep this many likeliest tokens, or, below 1, this share of the vocabulary; 0 keeps all.
    package var topK = 0.0
    /// Keep the likeliest tokens that together reach this probability; 1 keeps all.
    package var topP = 1.0
    /// Classifier-free guidance: 1 is none, more follows what is given more.
    package var guidanceScale = 1.0
    /// Noise in MaskGIT's choice of positions; falls to 0 with the steps.
    package var gumbelTemperature = 1.0
    /// Steps: groups that a target's positions are decoded in.
    package var steps = 8
    /// Clips of the eval split to generate for.
    package var clips = 4
    /// Samples of each clip.
    package var samples = 1
    package var seed = 0

    package init() {}
}

extension GenerationSettings {
    package static let keys = [
        "generation_target", "generation_condition", "generation_chain", "generation_order", "generation_schedule",
        "temperature", "temperature_schedule", "temperature_min", "top_k", "top_p", "guidance_scale",
        "gumbel_temperature", "generation_steps", "generation_clips", "generation_samples", "generation_seed",
    ]

    package init(config: [String: JSONValue]) throws(SettingsError) {
        self.init()
        let reader = ConfigReader(config)
        target = try reader.string("generation_target") ?? target
        condition = try reader.string("generation_condition")
        chain = try GenerationSettings.chain(reader)
        order = try reader.choice("generation_order") ?? order
        stepSchedule = try reader.choice("generation_schedule") ?? stepSchedule
        temperature = try reader.number("temperature", in: 0...100) ?? temperature
        temperatureSchedule = try reader.choice("temperature_schedule") ?? temperatureSchedule
        minimumTemperature = try reader.number("temperature_min", in: 0...100) ?? minimumTemperature
        topK = try reader.number("top_k", in: 0...10_000_000) ?? topK
        guard topK < 1 || topK == topK.rounded() else {
            throw SettingsError(.invalidValue, "top_k must be a whole number of tokens or a share below 1, not \(topK)")
        }
        topP = try reader.number("top_p", in: 1e-9...1) ?? topP
        guidanceScale = try reader.number("guidance_scale", in: 0...100) ?? guidanceScale
        gumbelTemperature = try reader.number("gumbel_temperature", in: 0...1000) ?? gumbelTemperature
        steps = try reader.int("generation_steps", in: 1...65536) ?? steps
        clips = try reader.int("generation_clips", in: 1...1_000_000) ?? clips
        samples = try reader.int("generation_samples", in: 1...10_000) ?? samples
        seed = try reader.int("generation_seed", in: 0...Int(Int32.max)) ?? seed
        guard temperatureSchedule != .onex || minimumTemperature <= temperature else {
            throw SettingsError(
                .invalidValue, "temperature_min \(minimumTemperature) must not be above temperature \(temperature)")
        }
    }

    private static func chain(_ reader: ConfigReader) throws(SettingsError) -> [String]? {
        guard let text = try reader.string("generation_chain") else { return nil }
        for key in ["generation_target", "generation_condition"] where reader.value(key) != nil {
            throw SettingsError(.invalidValue, "give generation_chain or \(key), not both")
        }
        let links = text.split(separator: ">", omittingEmptySubsequences: false).map { link in
            String(link.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "-" }.reversed())
        }
        guard links.count > 1, !links.contains("") else {
            throw SettingsError(
                .invalidValue,
                "generation_chain must be what is given and what is sampled, as 'label > image > audio', not '\(text)'")
        }
        return links
    }
}
