extension Nano4MConfiguration {
    /// Floating-point operations of the matrix products of one training step on real tokens: a multiplication and an
    /// addition count as two, the backward pass as twice the forward pass.
    package func trainingOperations(of batch: PackedBatch) -> Double { 3 * forwardOperations(of: batch) }

    /// The same of a forward pass with logits for every target.
    package func forwardOperations(of batch: PackedBatch) -> Double {
        let (inputs, targets) = (Double(batch.input.tokens.count), Double(batch.target.tokens.count))
        let (width, hidden) = (Double(dim), Double(hiddenDim))
        let square = width * width
        let feedForward = width * hidden * (options.feedForward == .swiglu ? 3 : 2)
        let encoding = inputs * (4 * square + feedForward) * Double(encoderDepth) + inputs * square
        let decoding = (targets * (6 * square + feedForward) + inputs * 2 * square) * Double(decoderDepth)
        // Scores and mixtures: width multiplications each for every pair of query and key.
        func pairs(_ queries: [Int], _ keys: [Int]) -> Double {
            zip(queries, keys).reduce(0) { $0 + Double($1.0 * $1.1) }
        }
        let (input, target) = (batch.input.lengths, batch.target.lengths)
        let attention =
            2 * width
            * (pairs(input, input) * Double(encoderDepth)
                + (pairs(target, target) + pairs(target, input)) * Double(decoderDepth))
        return 2 * (encoding + decoding + attention + targets * width * Double(vocabularySize))
    }
}
