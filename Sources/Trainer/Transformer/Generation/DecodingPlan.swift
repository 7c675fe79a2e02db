package import Experiment
import Tensor

/// What all generators share: what to sample, in how many steps, how tokens are drawn.
package struct DecodingPlan: Sendable, Hashable {
    /// Index of the modality to generate.
    package let target: Int
    /// Positions to generate: 0 ..< length.
    package let length: Int
    package let steps: Int
    package let sampler: Sampler
    package var schedule = GenerationSettings.StepSchedule.constant
    package var temperatures = GenerationSettings.TemperatureSchedule.constant
    /// Where the temperature schedule onex ends.
    package var minimumTemperature = 0.0
    /// logits = unconditional + scale * (conditional - unconditional); 1 computes no unconditional ones.
    package var guidanceScale = 1.0

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

    var sizes: [Int] { schedule.sizes(length: length, steps: steps) }

    /// The sampler of each of so many steps.
    func samplers(_ sizes: [Int]) -> [Sampler] {
        temperatures.temperatures(from: sampler.temperature, to: minimumTemperature, sizes: sizes).map {
            sampler.at(temperature: $0)
        }
    }

    func check(_ model: Nano4M) throws(TransformerError) {
        guard model.configuration.modalities.indices.contains(target) else {
            throw TransformerError(.invalidSampling, "the model has no modality number \(target)")
        }
    }

    /// One pass over all clips: the logits of the positions asked of each, over the target's own vocabulary alone.
    ///
    /// With guidance each clip is in the batch twice, with and without its condition: still one encoder pass.
    func forEachLogitRow(
        _ model: Nano4M, conditions: [TokenSequence], drawn: [TokenSequence], asked: [[Int32]],
        _ body: (_ clip: Int, _ position: Int32, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        let vocabulary = model.configuration.logitRange(ofModality: target)
        let isGuided = guidanceScale != 1
        var samples: [PackedBatch.Sample] = []
        var rows: [(clip: Int, index: Int, isConditional: Bool)] = []
        for clip in conditions.indices {
            let target = queries(asked[clip])
            var input = conditions[clip]
            input.append(drawn[clip])
            if isGuided {
                samples.append(PackedBatch.Sample(input: drawn[clip], target: target))
                rows += asked[clip].indices.map { (clip, $0, false) }
            }
            samples.append(PackedBatch.Sample(input: input, target: target))
            rows += asked[clip].indices.map { (clip, $0, true) }
        }
        var unconditional: [[Float]] = []
        try model.forEachLogitRow(PackedBatch(samples: samples), columns: vocabulary) { row, logits in
            let (clip, index, isConditional) = rows[row]
            guard isConditional else {
                if index == 0 { unconditional.removeAll(keepingCapacity: true) }
                unconditional.append(Array(logits))
                return
            }
            guard isGuided else { return body(clip, asked[clip][index], logits) }
            let scale = Float(guidanceScale)
            let guided = zip(unconditional[index], logits).map { $0 + scale * ($1 - $0) }
            guided.withUnsafeBufferPointer { body(clip, asked[clip][index], $0) }
        }
    }

    /// Tokens of each clip, its groups of positions decoded one after the other.
    func decode(
        _ model: Nano4M, conditions: [TokenSequence], groups: [[[Int32]]], generators: inout [Xoshiro256]
    ) throws(TransformerError) -> [[Int32]] {
        var drawn = [TokenSequence](repeating: TokenSequence(), count: conditions.count)
        var results = [[Int32]](repeating: [Int32](repeating: 0, count: length), count: conditions.count)
        let samplers = samplers(groups.first?.map(\.count) ?? [])
        for (step, sampler) in samplers.enumerated() {
            let asked = groups.map { $0[step] }
            try forEachLogitRow(model, conditions: conditions, drawn: drawn, asked: asked) { clip, position, logits in
                results[clip][Int(position)] = Int32(sampler.sample(logits, using: &generators[clip]))
            }
            for (clip, positions) in asked.enumerated() {
                for position in positions { append(position, results[clip][Int(position)], to: &drawn[clip]) }
            }
        }
        return results
    }

    func append(_ position: Int32, _ token: Int32, to sequence: inout TokenSequence) {
        sequence.append(modality: Int32(target), position: position, token: token)
    }

    /// Targets that ask for these positions; the token ids are not read.
    private func queries(_ positions: [Int32]) -> TokenSequence {
        var sequence = TokenSequence()
        for position in positions { append(position, 0, to: &sequence) }
        return sequence
    }
}
