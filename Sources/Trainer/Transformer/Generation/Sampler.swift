import Glibc
package import Tensor

/// Draws a token from logits: softmax(logits / temperature), cut to the likeliest few.
package struct Sampler: Sendable, Hashable {
    /// Divides the logits; 0 takes the likeliest token.
    package let temperature: Double
    /// Keep this many likeliest tokens; 0 keeps all.
    package let topK: Int
    /// Keep this share of the vocabulary, the likeliest tokens; 0 keeps all.
    package let topShare: Double
    /// Keep the fewest likeliest tokens that together reach this probability; 1 keeps all.
    package let topP: Double

    package init(
        temperature: Double = 1, topK: Int = 0, topShare: Double = 0, topP: Double = 1
    ) throws(TransformerError) {
        guard temperature >= 0, temperature.isFinite, topK >= 0, (0..<1).contains(topShare), topP > 0, topP <= 1 else {
            throw TransformerError(
                .invalidSampling,
                "temperature and top_k must not be negative and top_p must be above 0 and at most 1, "
                    + "not \(temperature), \(topK) and \(topP)")
        }
        self.temperature = temperature
        self.topK = topK
        self.topShare = topShare
        self.topP = topP
    }

    private init(_ other: Sampler, temperature: Double) {
        (topK, topShare, topP) = (other.topK, other.topShare, other.topP)
        self.temperature = temperature
    }

    /// The same cuts at another temperature, at least 0.
    func at(temperature: Double) -> Sampler { Sampler(self, temperature: max(0, temperature)) }

    /// How many tokens the cut by number or share leaves of a vocabulary; the stricter where there are both.
    private func kept(of count: Int) -> Int {
        let share = topShare > 0 ? max(1, Int((topShare * Double(count)).rounded(.up))) : count
        return min(count, share, topK > 0 ? topK : count)
    }

    /// What a backend needs to draw as ``sample(_:using:)`` does, without draws yet.
    func draws(columns: Int, range: Range<Int>, guidance: Float) -> TokenDraws {
        TokenDraws(
            columns: columns, range: range, guidance: guidance, temperature: temperature, kept: kept(of: range.count),
            topP: topP)
    }

    /// Natural logarithm of a token's probability at temperature 1, before any cut.
    func logProbability(of token: Int, in logits: UnsafeBufferPointer<Float>) -> Double {
        let maximum = Double(logits[likeliest(logits)])
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - maximum) }
        return Double(logits[token]) - maximum - log(sum)
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
        let kept = kept(of: logits.count)
        guard topP < 1 || kept < logits.count else { return all }
        return Array(all.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(kept))
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
