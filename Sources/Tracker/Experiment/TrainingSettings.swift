/// What `trainer train` reads of a run's config. Names and defaults are the reference nano4M's where it has them.
package struct TrainingSettings: Sendable, Hashable {
    /// Token set: a name below `SAGA_HOME/tokens` or a path.
    package var tokens = "demo"
    /// `joint` (everything in the token set but the label) or names joined by `+`, as `image+audio`.
    package var subset = "joint"
    package var masking = MaskingStrategy.balanced
    /// Number of input tokens drawn for each sample. The lower bound keeps the encoder from running empty.
    package var inputTokensRange = 1...128
    package var targetTokensRange = 1...128

    package var dim = 512
    package var encoderDepth = 6
    package var decoderDepth = 6
    package var headDim = 64
    package var mlpRatio = 4.0
    package var perModalityLossAverage = true
    /// Nil leaves it to `per_modality_loss_avg`.
    package var lossWeights: LossWeights?
    package var layout = TokenLayout()

    package var learningRate = 6e-4
    package var minimumLearningRate = 1e-6
    package var weightDecay = 0.05
    package var beta1 = 0.9
    package var beta2 = 0.95
    package var epsilon = 1e-8
    /// Gradient norm above which gradients are scaled down; 0 turns clipping off.
    package var clipGradient = 1.0
    package var batchSize = 128
    /// Tokens to see in all. A sample counts with the upper bounds of both ranges, as in the reference.
    package var totalTokens = 5_000_000_000
    package var warmupTokens = 500_000_000
    package var seed = 0

    package var evalEveryTokens = 100_000_000
    /// Clips of the eval split that an evaluation reads.
    package var evalClips = 64
    package var checkpointEveryTokens = 1_000_000_000
    package var options = TrainingOptions()

    package init() {}
}

extension TrainingSettings {
    package static let keys =
        [
            "tokens", "subset", "masking", "input_tokens_range", "target_tokens_range", "dim", "enc_depth", "dec_depth",
            "head_dim", "mlp_ratio", "per_modality_loss_avg", "lr", "min_lr", "weight_decay", "beta1", "beta2", "eps",
            "clip_grad", "batch_size", "total_tokens", "warmup_tokens", "seed", "eval_every_tokens", "eval_clips",
            "checkpoint_every_tokens", "loss_weights",
        ] + TokenLayout.keys + TrainingOptions.keys

    /// Reads the keys above; keys of later stages are left to them (see ``RunSettings/check(config:)``).
    package init(config: [String: JSONValue]) throws(SettingsError) {
        self.init()
        let reader = ConfigReader(config)
        let tokenCount = 1...1_000_000_000_000_000
        let size = 1...1_000_000
        tokens = try reader.string("tokens") ?? tokens
        subset = try reader.string("subset") ?? subset
        if let value = reader.value("masking") { masking = try MaskingStrategy(value) }
        inputTokensRange = try reader.range("input_tokens_range", in: 1...65536) ?? inputTokensRange
        targetTokensRange = try reader.range("target_tokens_range", in: 1...65536) ?? targetTokensRange
        dim = try reader.int("dim", in: 2...65536) ?? dim
        encoderDepth = try reader.int("enc_depth", in: 1...1024) ?? encoderDepth
        decoderDepth = try reader.int("dec_depth", in: 1...1024) ?? decoderDepth
        headDim = try reader.int("head_dim", in: 2...1024) ?? headDim
        mlpRatio = try reader.number("mlp_ratio", in: 0.125...64) ?? mlpRatio
        perModalityLossAverage = try reader.bool("per_modality_loss_avg") ?? perModalityLossAverage
        if let value = reader.value("loss_weights") { lossWeights = try LossWeights(value) }
        if let lossWeights { perModalityLossAverage = lossWeights != .tokens }
        layout = try TokenLayout(config: config)
        learningRate = try reader.number("lr", in: 0...100) ?? learningRate
        minimumLearningRate = try reader.number("min_lr", in: 0...100) ?? min(minimumLearningRate, learningRate)
        weightDecay = try reader.number("weight_decay", in: 0...100) ?? weightDecay
        beta1 = try reader.number("beta1", in: 0...0.999_999) ?? beta1
        beta2 = try reader.number("beta2", in: 0...0.999_999) ?? beta2
        epsilon = try reader.number("eps", in: 1e-30...1) ?? epsilon
        clipGradient = try reader.number("clip_grad", in: 0...1e9) ?? clipGradient
        batchSize = try reader.int("batch_size", in: size) ?? batchSize
        totalTokens = try reader.int("total_tokens", in: tokenCount) ?? totalTokens
        warmupTokens =
            try reader.int("warmup_tokens", in: 0...tokenCount.upperBound) ?? min(warmupTokens, totalTokens / 10)
        seed = try reader.int("seed", in: 0...Int(Int32.max)) ?? seed
        evalEveryTokens = try reader.int("eval_every_tokens", in: tokenCount) ?? evalEveryTokens
        evalClips = try reader.int("eval_clips", in: size) ?? evalClips
        checkpointEveryTokens = try reader.int("checkpoint_every_tokens", in: tokenCount) ?? checkpointEveryTokens
        options = try TrainingOptions(reader)
        guard options.gradientAccumulation <= batchSize else {
            throw SettingsError(
                .invalidValue, "grad_accum \(options.gradientAccumulation) must not exceed batch_size \(batchSize)")
        }
        guard !options.rotary || headDim % 2 == 0 else {
            throw SettingsError(.invalidValue, "rope needs an even head_dim, not \(headDim)")
        }
        guard dim % headDim == 0 else {
            throw SettingsError(.invalidValue, "dim \(dim) must be a multiple of head_dim \(headDim)")
        }
        guard dim % 2 == 0 else { throw SettingsError(.invalidValue, "dim must be even, not \(dim)") }
        guard warmupTokens <= totalTokens else {
            throw SettingsError(.invalidValue, "warmup_tokens \(warmupTokens) exceed total_tokens \(totalTokens)")
        }
    }

    /// Tokens that a sample counts for, used or not.
    package var tokensPerSample: Int { inputTokensRange.upperBound + targetTokensRange.upperBound }
    package var tokensPerStep: Int { tokensPerSample * batchSize }
    /// Steps that reach `totalTokens`, at least one.
    package var totalSteps: Int { max(1, totalTokens / tokensPerStep) }
    package var warmupSteps: Int { warmupTokens / tokensPerStep }
}
