/// Everything that decides the model's parameters and loss.
package struct Nano4MConfiguration: Sendable, Hashable {
    package struct Modality: Sendable, Hashable {
        package var name: String
        /// Token ids of this modality are below this.
        package var vocabularySize: Int
        /// Positions of this modality are below this.
        package var maximumLength: Int

        package init(name: String, vocabularySize: Int, maximumLength: Int) {
            self.name = name
            self.vocabularySize = vocabularySize
            self.maximumLength = maximumLength
        }
    }

    package let modalities: [Modality]
    package let dim: Int
    package let encoderDepth: Int
    package let decoderDepth: Int
    package let headDim: Int
    package let mlpRatio: Double
    /// Mean over modalities of each one's mean, instead of the mean over all target tokens.
    package let perModalityLossAverage: Bool

    package init(
        modalities: [Modality], dim: Int, encoderDepth: Int, decoderDepth: Int, headDim: Int, mlpRatio: Double = 4,
        perModalityLossAverage: Bool = true
    ) throws(TransformerError) {
        func check(_ condition: Bool, _ reason: @autoclosure () -> String) throws(TransformerError) {
            guard condition else { throw TransformerError(.invalidConfiguration, reason()) }
        }
        try check(!modalities.isEmpty, "a model needs at least one modality")
        try check(Set(modalities.map(\.name)).count == modalities.count, "two modalities have the same name")
        for modality in modalities {
            try check(
                (1...100_000_000).contains(modality.vocabularySize)
                    && (1...100_000_000).contains(modality.maximumLength),
                "modality \(modality.name) needs a vocabulary and a length of at least 1")
        }
        try check(
            dim > 0 && dim % 2 == 0 && headDim > 0 && dim % headDim == 0,
            "dim \(dim) must be even and a multiple of head_dim \(headDim)")
        try check(encoderDepth > 0 && decoderDepth > 0, "encoder and decoder need at least one block each")
        try check(
            mlpRatio.isFinite && mlpRatio * Double(dim) >= 1 && mlpRatio <= 1024,
            "mlp_ratio \(mlpRatio) must give at least one hidden unit")
        self.modalities = modalities
        self.dim = dim
        self.encoderDepth = encoderDepth
        self.decoderDepth = decoderDepth
        self.headDim = headDim
        self.mlpRatio = mlpRatio
        self.perModalityLossAverage = perModalityLossAverage
    }

    package var heads: Int { dim / headDim }
    package var hiddenDim: Int { Int(mlpRatio * Double(dim)) }
    /// Rows of the shared token table and of the logits.
    package var vocabularySize: Int { modalities.map(\.vocabularySize).max() ?? 0 }
    package var maximumLength: Int { modalities.map(\.maximumLength).max() ?? 0 }
}
