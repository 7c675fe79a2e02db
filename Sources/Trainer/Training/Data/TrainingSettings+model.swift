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
            perModalityLossAverage: perModalityLossAverage)
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
        return settings
    }

    func masker(_ modalities: [ModalityInfo], seed: Int) throws(DatasetError) -> Masker {
        try Masker(
            strategy: masking, modalities: modalities, inputRange: inputTokensRange, targetRange: targetTokensRange,
            seed: seed)
    }
}
