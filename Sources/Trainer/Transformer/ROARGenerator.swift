package import Tensor

/// Random-order autoregressive generation of one modality, given tokens of others.
///
/// A random permutation of the target's positions is cut in `steps` groups of equal size, the remainder in the last.
/// Each step decodes one group from the present encoder input, samples its tokens and adds them to that input.
package struct ROARGenerator: Sendable, Hashable {
    /// Index of the modality to generate.
    package let target: Int
    /// Positions to generate: 0 ..< length.
    package let length: Int
    package let steps: Int
    package let sampler: Sampler

    package init(target: Int, length: Int, steps: Int, sampler: Sampler) throws(TransformerError) {
        guard target >= 0, length > 0, steps > 0 else {
            throw TransformerError(.invalidSampling, "generation needs a modality, a length and at least one step")
        }
        self.target = target
        self.length = length
        // More steps than positions would leave steps without any.
        self.steps = min(steps, length)
        self.sampler = sampler
    }

    /// The order that clip number `clip` is decoded in, cut into its groups.
    ///
    /// The generator it draws from is the one that the clip's tokens are drawn from afterwards.
    package func groups(using generator: inout Xoshiro256) -> [[Int32]] {
        let order = (0..<Int32(length)).shuffled(using: &generator)
        let size = length / steps
        return (0..<steps).map { step in
            Array(order[(step * size)..<(step == steps - 1 ? length : (step + 1) * size)])
        }
    }

    /// The random numbers of one clip: the same whatever other clips are generated with it.
    package static func generator(seed: UInt64, clip: Int) -> Xoshiro256 {
        var base = Xoshiro256(seed: seed)
        return Xoshiro256(seed: base.next() &+ UInt64(truncatingIfNeeded: clip))
    }

    /// Tokens of each clip by position, given what each clip's encoder is shown.
    ///
    /// Only ids of the target's own vocabulary are drawn, though logits exist for the largest vocabulary.
    package func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64
    ) throws(TransformerError) -> [[Int32]] {
        guard model.configuration.modalities.indices.contains(target) else {
            throw TransformerError(.invalidSampling, "the model has no modality number \(target)")
        }
        let vocabulary = model.configuration.logitRange(ofModality: target)
        var generators = conditions.indices.map { ROARGenerator.generator(seed: seed, clip: $0) }
        let groups = generators.indices.map { self.groups(using: &generators[$0]) }
        var inputs = conditions
        var results = [[Int32]](repeating: [Int32](repeating: 0, count: length), count: conditions.count)
        for step in 0..<steps {
            let places = conditions.indices.flatMap { clip in groups[clip][step].map { (clip: clip, position: $0) } }
            let samples = conditions.indices.map { clip in
                PackedBatch.Sample(input: inputs[clip], target: queries(groups[clip][step]))
            }
            try model.forEachLogitRow(PackedBatch(samples: samples)) { row, logits in
                let (clip, position) = places[row]
                let token = sampler.sample(
                    UnsafeBufferPointer(rebasing: logits[vocabulary]), using: &generators[clip])
                results[clip][Int(position)] = Int32(token)
            }
            for (clip, position) in places {
                inputs[clip].append(modality: Int32(target), position: position, token: results[clip][Int(position)])
            }
        }
        return results
    }

    /// Targets that ask for these positions; the token ids are not read.
    private func queries(_ positions: [Int32]) -> TokenSequence {
        var sequence = TokenSequence()
        for position in positions { sequence.append(modality: Int32(target), position: position, token: 0) }
        return sequence
    }
}
