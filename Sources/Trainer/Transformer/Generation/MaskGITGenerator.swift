import Glibc
package import Tensor

/// Decodes the positions first that the model is surest of (MaskGIT): each step samples all that are left and keeps the
/// most confident.
package struct MaskGITGenerator: TokenGenerator, Hashable {
    package let plan: DecodingPlan
    /// Scale of the Gumbel noise on the log-probabilities that positions are ranked by; falls linearly to 0 at the end.
    package let gumbelTemperature: Double

    package init(_ plan: DecodingPlan, gumbelTemperature: Double = 0) throws(TransformerError) {
        guard gumbelTemperature >= 0, gumbelTemperature.isFinite else {
            throw TransformerError(
                .invalidSampling, "gumbel_temperature must not be negative, not \(gumbelTemperature)")
        }
        self.plan = plan
        self.gumbelTemperature = gumbelTemperature
    }

    /// What is surest depends on what was drawn, so likelihoods are taken in a random order of the same sizes.
    package func groups(using generator: inout Xoshiro256) -> [[Int32]] {
        (0..<Int32(plan.length)).shuffled(using: &generator).cut(plan.sizes)
    }

    package func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64, streams: [Int]
    ) throws(TransformerError) -> [[Int32]] {
        try plan.check(model)
        var generators = streams.map { Self.generator(seed: seed, clip: $0) }
        var left = [[Int32]](repeating: Array(0..<Int32(plan.length)), count: conditions.count)
        var drawn = [TokenSequence](repeating: TokenSequence(), count: conditions.count)
        var results = [[Int32]](repeating: [Int32](repeating: 0, count: plan.length), count: conditions.count)
        let sizes = plan.sizes
        for (step, sampler) in plan.samplers(sizes).enumerated() {
            let noise = gumbelTemperature * (1 - Double(step + 1) / Double(sizes.count))
            let draws = try plan.draw(
                model, conditions: conditions, drawn: drawn, asked: left, sampler, generators: &generators,
                ranks: true, noise: noise > 0)
            let candidates = draws.map { draws in
                draws.map { draw in
                    let gumbel = noise > 0 ? noise * log(-log(1 - draw.noise)) : 0
                    return Candidate(
                        position: draw.position, token: draw.token, confidence: draw.logProbability - gumbel)
                }
            }
            for (clip, all) in candidates.enumerated() {
                let kept = all.sorted { ($1.confidence, $0.position) < ($0.confidence, $1.position) }
                    .prefix(sizes[step]).sorted { $0.position < $1.position }
                for candidate in kept {
                    results[clip][Int(candidate.position)] = candidate.token
                    plan.append(candidate.position, candidate.token, to: &drawn[clip])
                }
                let done = Set(kept.map(\.position))
                left[clip].removeAll(where: done.contains)
            }
        }
        return results
    }

    private struct Candidate {
        let position: Int32
        let token: Int32
        let confidence: Double
    }
}
