package import Transformer

extension TokenGenerator {
    /// Mean negative log-likelihood (nats a token) of a clip's true tokens, at temperature 1.
    ///
    /// They are asked for in the order in which a clip with the random stream `clip` is decoded; each group
    /// is shown the true tokens of the groups before it (teacher forcing).
    package func likelihood(
        _ model: Nano4M, condition: TokenSequence, truth: [Int32], seed: UInt64, clip: Int
    ) throws(TransformerError) -> Double {
        var generator = Self.generator(seed: seed, clip: clip)
        var input = condition
        var sum = 0.0
        for group in groups(using: &generator) {
            var asked = TokenSequence()
            for position in group {
                asked.append(modality: Int32(plan.target), position: position, token: truth[Int(position)])
            }
            let report = try model.evaluate(PackedBatch(samples: [.init(input: input, target: asked)]))
            sum += (report.modalityLoss[plan.target] ?? 0) * Double(group.count)
            input.append(asked)
        }
        return sum / Double(plan.length)
    }
}
