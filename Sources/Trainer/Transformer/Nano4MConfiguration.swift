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
    package let options: Nano4MOptions

    package init(
        modalities: [Modality], dim: Int, encoderDepth: Int, decoderDepth: Int, headDim: Int, mlpRatio: Double = 4,
        perModalityLossAverage: Bool = true, options: Nano4MOptions = Nano4MOptions()
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
        try check(options.zLoss.isFinite && options.zLoss >= 0, "z_loss must not be negative, not \(options.zLoss)")
        try check(!options.rotary || headDim % 2 == 0, "rope needs an even head_dim, not \(headDim)")
        self.modalities = modalities
        self.dim = dim
        self.encoderDepth = encoderDepth
        self.decoderDepth = decoderDepth
        self.headDim = headDim
        self.mlpRatio = mlpRatio
        self.perModalityLossAverage = perModalityLossAverage
        self.options = options
    }

    package var heads: Int { dim / headDim }
    /// Units between the two layers of a feed-forward part.
    package var hiddenDim: Int {
        switch options.feedForward {
        case .gelu: Int(mlpRatio * Double(dim))
        // Rounded up to a multiple of 8, which vector instructions like.
        case .swiglu: (Int(mlpRatio * Double(dim) * 2 / 3) + 7) / 8 * 8
        }
    }
    /// Rows of the token table and of the logits.
    package var vocabularySize: Int {
        Nano4MConfiguration.size(modalities.map(\.vocabularySize), shared: options.overlapVocabularies)
    }
    /// Rows of the position table.
    package var maximumLength: Int {
        Nano4MConfiguration.size(modalities.map(\.maximumLength), shared: options.overlapPositions)
    }

    /// Where a modality's logits are among those of a target token.
    package func logitRange(ofModality index: Int) -> Range<Int> {
        let first = options.overlapVocabularies ? 0 : modalities[..<index].reduce(0) { $0 + $1.vocabularySize }
        return first..<(first + modalities[index].vocabularySize)
    }

    private static func size(_ sizes: [Int], shared: Bool) -> Int {
        shared ? sizes.max() ?? 0 : sizes.reduce(0, +)
    }
}

extension Nano4MConfiguration {
    /// What is added to a modality's own token ids and positions to give the model's; nil where all share them.
    package var tokenOffsets: [Int32]? {
        options.overlapVocabularies ? nil : Nano4MConfiguration.offsets(modalities.map(\.vocabularySize))
    }
    package var positionOffsets: [Int32]? {
        options.overlapPositions ? nil : Nano4MConfiguration.offsets(modalities.map(\.maximumLength))
    }

    private static func offsets(_ sizes: [Int]) -> [Int32] {
        sizes.indices.map { Int32(sizes[..<$0].reduce(0, +)) }
    }
}
