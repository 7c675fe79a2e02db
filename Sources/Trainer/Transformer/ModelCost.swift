/// What a model costs: parameters, memory and floating point operations, by arithmetic from its configuration.
package struct ModelCost: Sendable {
    private let configuration: Nano4MConfiguration

    package init(_ configuration: Nano4MConfiguration) { self.configuration = configuration }

    private var dim: Int { configuration.dim }

    /// Multiplications by weights for each input token: the encoder, and the context in each decoder block.
    private var inputWeights: Int {
        let block = 4 * dim * dim + feedForwardWeights
        return configuration.encoderDepth * block + dim * dim + configuration.decoderDepth * 2 * dim * dim
    }

    /// And for each target token, the head included.
    private var targetWeights: Int {
        let block = 6 * dim * dim + feedForwardWeights
        return configuration.decoderDepth * block + configuration.vocabularySize * dim
    }

    private var feedForwardWeights: Int {
        (configuration.options.feedForward == .swiglu ? 3 : 2) * configuration.hiddenDim * dim
    }

    /// Floating point operations of one step on samples of these lengths: matrix products and attention, forward and
    /// twice that backward. A multiply-add is two.
    package func trainingFLOP(lengths: some Sequence<(input: Int, target: Int)>) -> Double {
        var multiplications = 0.0
        for (input, target) in lengths {
            let encoder = configuration.encoderDepth * input * input
            let decoder = configuration.decoderDepth * target * (target + input)
            // Scores and the mix of values: two products of `dim` for each pair of tokens.
            multiplications += Double(input * inputWeights + target * targetWeights + 2 * dim * (encoder + decoder))
        }
        return 6 * multiplications
    }

    package func trainingFLOP(_ batch: PackedBatch) -> Double {
        trainingFLOP(lengths: zip(batch.input.lengths, batch.target.lengths).map { (input: $0, target: $1) })
    }

    /// Parameters by part of the model, in the order of computation.
    package var parameters: [(part: String, count: Int)] {
        let parts = ["token embedding", "modality embeddings", "encoder", "context", "decoder", "head"]
        var counts = Dictionary(uniqueKeysWithValues: parts.map { ($0, 0) })
        for (name, shape) in configuration.parameterShapes {
            counts[ModelCost.part(name), default: 0] += shape.reduce(1, *)
        }
        return parts.map { ($0, counts[$0] ?? 0) }
    }

    private static func part(_ name: String) -> String {
        if name.hasPrefix("enc_tok_emb") { return "token embedding" }
        if name.contains("_mod_emb") { return "modality embeddings" }
        if name.hasPrefix("enc") { return "encoder" }
        if name.hasPrefix("dec_context_proj") { return "context" }
        return name.hasPrefix("dec") ? "decoder" : "head"
    }

    /// Bytes of the activations that the backward pass needs, for so many packed tokens; the head's logits, which are
    /// made by chunks, not among them.
    package func activationBytes(inputTokens: Int, targetTokens: Int) -> Int {
        let hidden = configuration.hiddenDim
        // GELU's output is made anew in the backward pass; a gate's is kept.
        let feedForward = (configuration.options.feedForward == .swiglu ? 3 : 1) * hidden + 2 * dim
        // Of a block: norm, queries with keys and values, mix and output of each attention; norm and the two layers.
        let encoderBlock = 6 * dim + feedForward
        let decoderBlock = 6 * dim + 4 * dim + feedForward
        let context = 3 * dim
        let input = configuration.encoderDepth * encoderBlock + configuration.decoderDepth * context + 3 * dim
        let target = configuration.decoderDepth * decoderBlock + 3 * dim
        return 4 * (inputTokens * input + targetTokens * target)
    }
}
