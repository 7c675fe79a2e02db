import Glibc
package import Tensor

/// Draws a token from logits: softmax(logits / temperature), cut to the likeliest few.
package struct Sampler: Sendable, Hashable {
    /// Divides the logits; 0 takes the likeliest token.
    package let temperature: Double
    /// Keep this many likeliest tokens; 0 keeps all.
    package let topK: Int
    /// Keep the fewest likeliest tokens that together reach this probability; 1 keeps all.
    package let topP: Double

    package init(temperature: Double = 1, topK: Int = 0, topP: Double = 1) throws(TransformerError) {
        guard temperature >= 0, temperature.isFinite, topK >= 0, topP > 0, topP <= 1 else {
            throw TransformerError(
                .invalidSampling,
                "temperature and top_k must not be negative and top_p must be above 0 and at most 1, "
                    + "not \(temperature), \(topK) and \(topP)")
        }
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// Index of the drawn token. Among equal logits the lower index counts as likelier.
    package func sample(_ logits: UnsafeBufferPointer<Float>, using generator: inout Xoshiro256) -> Int {
        guard temperature > 0 else { return likeliest(logits) }
        let candidates = candidates(logits)
        let weights = weights(of: candidates, in: logits)
        let kept = nucleusCount(weights)
        var remaining = generator.uniform() * weights[..<kept].reduce(0, +)
        for index in 0..<kept {
            remaining -= weights[index]
            if remaining < 0 { return candidates[index] }
        }
        return candidates[kept - 1]
    }

    private func likeliest(_ logits: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best
    }

    /// Tokens that top-k leaves, likeliest first where a cut needs that order.
    private func candidates(_ logits: UnsafeBufferPointer<Float>) -> [Int] {
        let all = Array(logits.indices)
        guard topP < 1 || (1..<logits.count).contains(topK) else { return all }
        let sorted = all.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
        return topK > 0 ? Array(sorted.prefix(topK)) : sorted
    }

    /// Unnormalised probabilities, the likeliest 1.
    private func weights(of candidates: [Int], in logits: UnsafeBufferPointer<Float>) -> [Double] {
        let maximum = Double(logits[likeliest(logits)])
        return candidates.map { exp((Double(logits[$0]) - maximum) / temperature) }
    }

    /// How many of the weights, likeliest first, reach the share `topP`.
    private func nucleusCount(_ weights: [Double]) -> Int {
        guard topP < 1 else { return weights.count }
        let needed = topP * weights.reduce(0, +)
        var reached = 0.0
        for (index, weight) in weights.enumerated() {
            reached += weight
            if reached >= needed { return index + 1 }
        }
        return weights.count
    }
}
