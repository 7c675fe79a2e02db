package import Dataset
package import Experiment
package import Transformer

extension TrainingSettings {
    /// The model that these settings describe, for the modalities of the run's subset.
    package func modelConfiguration(_ modalities: [ModalityInfo]) throws(TransformerError) -> Nano4MConfiguration {
        try Nano4MConfiguration(
            modalities: modalities.map {
                .init(name: $0.name, vocabularySize: $0.vocabularySize, maximumLength: $0.length)
            },
            dim: dim, encoderDepth: encoderDepth, decoderDepth: decoderDepth, headDim: headDim, mlpRatio: mlpRatio,
            perModalityLossAverage: perModalityLossAverage, options: modelOptions)
    }

    private var modelOptions: Nano4MOptions {
        var model = Nano4MOptions()
        model.useBias = options.useBias
        model.overlapVocabularies = options.overlapVocabularies
        model.overlapPositions = options.overlapPositions
        model.feedForward = options.feedForward == .swiglu ? .swiglu : .gelu
        model.rotary = options.rotary
        model.zLoss = options.zLoss
        return model
    }

    /// The modalities of the run's subset, in the token set's order.
    package func modalities(of tokens: TokenSet) throws(TrainingError) -> [ModalityInfo] {
        let names = try ModalitySubset.resolve(subset, available: tokens.modalities.map(\.name))
        return tokens.modalities.filter { names.contains($0.name) }
    }

    package var schedule: LearningRateSchedule {
        LearningRateSchedule(
            peak: learningRate, minimum: minimumLearningRate, warmupSteps: warmupSteps, totalSteps: totalSteps)
    }

    var optimizer: AdamWOptimizer.Settings {
        var settings = AdamWOptimizer.Settings()
        settings.beta1 = beta1
        settings.beta2 = beta2
        settings.epsilon = epsilon
        settings.weightDecay = weightDecay
        settings.clipNorm = clipGradient
        if options.optimizer == .muon {
            // One schedule moves both: without a rate of AdamW's there is none of Muon's.
            settings.muon = MuonSettings(
                rateRatio: learningRate > 0 ? options.muonLearningRate / learningRate : 0,
                momentum: options.muonMomentum)
        }
        return settings
    }

    /// `tokens` is the token set in the settings' layout.
    func masker(_ modalities: [ModalityInfo], of tokens: TokenSet, seed: Int) throws(DatasetError) -> Masker {
        try Masker(
            strategy: masking, modalities: modalities, frames: tokens.frames, inputRange: inputTokensRange,
            targetRange: targetTokensRange, seed: seed)
    }

    /// By modality index, adding up to 1; nil where the configuration's own average says it all.
    func lossWeights(_ modalities: [ModalityInfo]) throws(TrainingError) -> [Double]? {
        guard case .given(let weights)? = lossWeights else { return nil }
        let chosen = modalities.map { weights[$0.name] ?? 0 }
        let sum = chosen.reduce(0, +)
        guard sum > 0 else {
            throw TrainingError(
                .unknownModality, "loss_weights give none of \(modalities.map(\.name).joined(separator: ", ")) a weight"
            )
        }
        return chosen.map { $0 / sum }
    }
}
