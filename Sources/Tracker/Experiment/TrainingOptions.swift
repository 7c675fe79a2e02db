/// What a training may do beyond the reference: each is off by default, or harmless.
package struct TrainingOptions: Sendable, Hashable {
    package enum Optimizer: String, Sendable, CaseIterable {
        case adamw
        /// Muon for the matrices within the network, AdamW for the rest.
        case muon
    }

    package enum FeedForward: String, Sendable, CaseIterable { case gelu, swiglu }

    package var useBias = false
    package var overlapVocabularies = true
    package var overlapPositions = true
    package var feedForward = FeedForward.gelu
    package var rotary = false
    package var zLoss = 0.0

    package var optimizer = Optimizer.adamw
    package var muonLearningRate = 0.02
    package var muonMomentum = 0.95
    /// Parts that a batch is done in: less memory, the same gradient.
    package var gradientAccumulation = 1
    /// What stays of the weights' moving average in each step; 0 keeps none. Evaluations and samples use the average.
    package var emaDecay = 0.0

    /// Weights to begin with: a safetensors file, a checkpoint's folder or a run's directory.
    package var initFrom: String?
    package var keepLast = 2
    /// Checkpoints with the lowest eval loss to keep besides; an evaluation that is among the best makes one.
    package var keepBest = 1

    package var earlyStopMetric = "[Eval]/loss"
    package var earlyStopGoal = Goal.minimize
    /// Evaluations without a new best that end the run; 0 never does.
    package var earlyStopPatience = 0
    /// The run ends when the metric is as good as this, or better.
    package var earlyStopTarget: Double?

    package init() {}
}

extension TrainingOptions {
    package static let keys = [
        "use_bias", "overlap_vocab", "overlap_posembs", "mlp", "rope", "z_loss", "optimizer", "muon_lr",
        "muon_momentum", "grad_accum", "ema_decay", "init_from", "keep_last", "keep_best", "early_stop_metric",
        "early_stop_goal", "early_stop_patience", "early_stop_target",
    ]

    package init(_ reader: ConfigReader) throws(SettingsError) {
        self.init()
        useBias = try reader.bool("use_bias") ?? useBias
        overlapVocabularies = try reader.bool("overlap_vocab") ?? overlapVocabularies
        overlapPositions = try reader.bool("overlap_posembs") ?? overlapPositions
        feedForward = try TrainingOptions.word(reader, "mlp") ?? feedForward
        rotary = try reader.bool("rope") ?? rotary
        zLoss = try reader.number("z_loss", in: 0...1) ?? zLoss
        optimizer = try TrainingOptions.word(reader, "optimizer") ?? optimizer
        muonLearningRate = try reader.number("muon_lr", in: 0...100) ?? muonLearningRate
        muonMomentum = try reader.number("muon_momentum", in: 0...0.999_999) ?? muonMomentum
        gradientAccumulation = try reader.int("grad_accum", in: 1...1_000_000) ?? gradientAccumulation
        emaDecay = try reader.number("ema_decay", in: 0...0.999_999_9) ?? emaDecay
        initFrom = try reader.string("init_from")
        keepLast = try reader.int("keep_last", in: 1...1_000_000) ?? keepLast
        keepBest = try reader.int("keep_best", in: 0...1_000_000) ?? keepBest
        earlyStopMetric = try reader.string("early_stop_metric") ?? earlyStopMetric
        earlyStopGoal = try TrainingOptions.word(reader, "early_stop_goal") ?? earlyStopGoal
        earlyStopPatience = try reader.int("early_stop_patience", in: 0...1_000_000) ?? earlyStopPatience
        earlyStopTarget = try reader.number("early_stop_target", in: -1e30...1e30)
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ reader: ConfigReader, _ key: String
    ) throws(SettingsError) -> Word? where Word.RawValue == String {
        guard let text = try reader.string(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue)
            throw SettingsError(
                .invalidValue,
                "\(key) must be \(known.joined(separator: " or ")), not '\(text)'\(didYouMean(text, among: known))")
        }
        return word
    }
}
