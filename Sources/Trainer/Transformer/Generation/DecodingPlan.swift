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

    /// One pass over all clips: a token of each position asked of each, from the target's own vocabulary alone.
    ///
    /// Drawn on the backend's device where it can, so that only tokens are copied, else from the logits. Either way a
    /// clip's numbers are taken from its own generator in the order of its positions. `noise` takes one more each;
    /// `ranks` asks for probabilities.
    func draw(
        _ model: Nano4M, conditions: [TokenSequence], drawn: [TokenSequence], asked: [[Int32]], _ sampler: Sampler,
        generators: inout [Xoshiro256], ranks: Bool = false, noise: Bool = false
    ) throws(TransformerError) -> [[Draw]] {
        let rows = LogitRows(self, conditions: conditions, drawn: drawn, asked: asked)
        var draws = sampler.draws(
            columns: model.configuration.vocabularySize, range: model.configuration.logitRange(ofModality: target),
            guidance: Float(guidanceScale))
        var results = [[Draw]](repeating: [], count: conditions.count)
        if model.backend.isAsynchronous {
            var numbers = generators
            var noises: [Double] = []
            for row in rows.conditional {
                let uniform = sampler.temperature > 0 ? numbers[row.clip].uniform() : 0
                draws.add(row: row.row, other: row.other, uniform: uniform)
                noises.append(noise ? numbers[row.clip].uniform() : 0)
            }
            if let tokens = try model.draw(draws, from: rows.batch) {
                generators = numbers
                for ((row, token), noise) in zip(zip(rows.conditional, tokens), noises) {
                    results[row.clip].append(
                        Draw(
                            position: asked[row.clip][row.index], token: Int32(token.token),
                            logProbability: token.logProbability, noise: noise))
                }
                return results
            }
        }
        try forEachLogitRow(model, rows) { clip, index, logits in
            let token = sampler.sample(logits, using: &generators[clip])
            results[clip].append(
                Draw(
                    position: asked[clip][index], token: Int32(token),
                    logProbability: ranks ? sampler.logProbability(of: token, in: logits) : 0,
                    noise: noise ? generators[clip].uniform() : 0))
        }
        return results
    }

    /// The logits of the positions asked of each clip, over the target's own vocabulary alone.
    func forEachLogitRow(
        _ model: Nano4M, conditions: [TokenSequence], drawn: [TokenSequence], asked: [[Int32]],
        _ body: (_ clip: Int, _ position: Int32, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        let rows = LogitRows(self, conditions: conditions, drawn: drawn, asked: asked)
        try forEachLogitRow(model, rows) { clip, index, logits in body(clip, asked[clip][index], logits) }
    }

    private func forEachLogitRow(
        _ model: Nano4M, _ rows: LogitRows,
        _ body: (_ clip: Int, _ index: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        let vocabulary = model.configuration.logitRange(ofModality: target)
        var unconditional: [[Float]] = []
        try model.forEachLogitRow(rows.batch, columns: vocabulary) { row, logits in
            let (clip, index, isConditional) = rows.rows[row]
            guard isConditional else {
                if index == 0 { unconditional.removeAll(keepingCapacity: true) }
                unconditional.append(Array(logits))
                return
            }
            guard guidanceScale != 1 else { return body(clip, index, logits) }
            let scale = Float(guidanceScale)
            let guided = zip(unconditional[index], logits).map { $0 + scale * ($1 - $0) }
            guided.withUnsafeBufferPointer { body(clip, index, $0) }
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
            let draws = try draw(
                model, conditions: conditions, drawn: drawn, asked: asked, sampler, generators: &generators)
            for (clip, draws) in draws.enumerated() {
                for draw in draws {
                    results[clip][Int(draw.position)] = draw.token
                    append(draw.position, draw.token, to: &drawn[clip])
                }
            }
        }
        return results
    }

    func append(_ position: Int32, _ token: Int32, to sequence: inout TokenSequence) {
        sequence.append(modality: Int32(target), position: position, token: token)
    }

    /// Targets that ask for these positions; the token ids are not read.
    func queries(_ positions: [Int32]) -> TokenSequence {
        var sequence = TokenSequence()
        for position in positions { append(position, 0, to: &sequence) }
        return sequence
    }
}
