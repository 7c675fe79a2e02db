import Experiment
import Tensor
import Testing

@testable import Transformer

/// Generation of several clips at once beside the same done by hand, clip by clip and pass by pass.
@Suite("Generation, replayed")
struct GenerationReplayTests {
    private func conditions(_ model: Nano4M, _ count: Int = 4) -> [TokenSequence] {
        (0..<count).map { sample(model, inputs: 3 + $0, targets: 0, seed: UInt64($0), modalities: 1).input }
    }

    private func plan(_ change: (inout DecodingPlan) -> Void = { _ in }) throws -> DecodingPlan {
        var plan = try DecodingPlan(target: 1, length: 12, steps: 4, sampler: Sampler(temperature: 1.5))
        plan.schedule = .cosine
        plan.temperatures = .linear
        plan.guidanceScale = 2.5
        change(&plan)
        return plan
    }

    /// u + scale * (c - u) of the audio's own vocabulary at these positions, each pass of one sample alone.
    private func guided(
        _ model: Nano4M, _ plan: DecodingPlan, condition: TokenSequence, drawn: TokenSequence, at positions: [Int32]
    ) throws -> [[Float]] {
        var query = TokenSequence()
        for position in positions { query.append(modality: 1, position: position, token: 0) }
        var whole = condition
        whole.append(drawn)
        let conditional = try model.logits(PackedBatch(samples: [.init(input: whole, target: query)]))
        let free = try model.logits(PackedBatch(samples: [.init(input: drawn, target: query)]))
        return positions.indices.map { row in
            (row * 11..<row * 11 + 7).map { free[$0] + Float(plan.guidanceScale) * (conditional[$0] - free[$0]) }
        }
    }

    /// The clip's tokens, groups decoded in the generator's order at each step's own temperature.
    private func replay(
        _ generator: some TokenGenerator, _ model: Nano4M, condition: TokenSequence, seed: UInt64, stream: Int
    ) throws -> [Int32] {
        let plan = generator.plan
        var random = ROARGenerator.generator(seed: seed, clip: stream)
        let groups = generator.groups(using: &random)
        let temperatures = plan.temperatures.temperatures(
            from: plan.sampler.temperature, to: plan.minimumTemperature, sizes: groups.map(\.count))
        var drawn = TokenSequence()
        var tokens = [Int32](repeating: -1, count: plan.length)
        for (group, temperature) in zip(groups, temperatures) {
            let sampler = try Sampler(temperature: temperature)
            let rows = try guided(model, plan, condition: condition, drawn: drawn, at: group)
            for (position, row) in zip(group, rows) {
                tokens[Int(position)] = Int32(row.withUnsafeBufferPointer { sampler.sample($0, using: &random) })
            }
            for position in group { drawn.append(modality: 1, position: position, token: tokens[Int(position)]) }
        }
        return tokens
    }

    @Test(
        "ROAR and autoregressive passes with guidance and falling temperature draw what one clip alone draws by hand",
        arguments: [false, true])
    func groups(isRising: Bool) throws {
        let model = try smallModel(spread: 0.8)
        let (conditions, streams) = (conditions(model), [9, 2, 5, 2])
        var generator: any TokenGenerator = ROARGenerator(try plan())
        if isRising { generator = try AutoregressiveGenerator(plan { $0.schedule = .linear }) }
        let tokens = try generator.generate(model, conditions: conditions, seed: 3, streams: streams)
        for (clip, condition) in conditions.enumerated() {
            let expected = try replay(generator, model, condition: condition, seed: 3, stream: streams[clip])
            #expect(tokens[clip] == expected)
        }
    }

    @Test("MaskGIT with guidance gives a clip what it gives it alone, whatever its company and place")
    func maskGIT() throws {
        let model = try smallModel(spread: 0.8)
        let conditions = conditions(model)
        let generator = try MaskGITGenerator(plan(), gumbelTemperature: 0.5)
        let together = try generator.generate(model, conditions: conditions, seed: 3, streams: [9, 2, 5, 7])
        for (clip, stream) in [9, 2, 5, 7].enumerated() {
            let alone = try generator.generate(model, conditions: [conditions[clip]], seed: 3, streams: [stream])
            #expect(alone == [together[clip]])
        }
        #expect(Set(together).count > 1)
    }

    @Test(
        "MaskGIT keeps as many as its schedule says, at each step's temperature",
        arguments: [
            GenerationSettings.StepSchedule.constant, .linear, .cosine,
        ])
    func maskGITSchedule(_ schedule: GenerationSettings.StepSchedule) throws {
        let model = try smallModel(spread: 0.6)
        let plan = try plan {
            $0.schedule = schedule
            $0.minimumTemperature = 0.7
            $0.temperatures = .onex
        }
        let sizes = schedule.sizes(length: 12, steps: 4)
        let temperatures = plan.temperatures.temperatures(from: 1.5, to: 0.7, sizes: sizes)
        // Several clips: in one of them the order may change nothing.
        let conditions = conditions(model, 8)
        let all = try MaskGITGenerator(plan).generate(model, conditions: conditions, seed: 6)
        for (clip, condition) in conditions.enumerated() {
            var random = MaskGITGenerator.generator(seed: 6, clip: clip)
            var left = Array(0..<Int32(12))
            var drawn = TokenSequence()
            var tokens = [Int32](repeating: -1, count: 12)
            for (size, temperature) in zip(sizes, temperatures) {
                let sampler = try Sampler(temperature: temperature)
                let rows = try guided(model, plan, condition: condition, drawn: drawn, at: left)
                let choices = zip(left, rows).map { position, row in
                    row.withUnsafeBufferPointer { row in
                        let token = sampler.sample(row, using: &random)
                        return (
                            position: position, token: token, confidence: sampler.logProbability(of: token, in: row)
                        )
                    }
                }
                let surest = choices.sorted { $0.confidence > $1.confidence }.prefix(size)
                for choice in surest.sorted(by: { $0.position < $1.position }) {
                    tokens[Int(choice.position)] = Int32(choice.token)
                    drawn.append(modality: 1, position: choice.position, token: Int32(choice.token))
                }
                left.removeAll { position in surest.contains { $0.position == position } }
            }
            #expect(left.isEmpty && all[clip] == tokens, "clip \(clip)")
        }
    }

    @Test("Gumbel noise makes MaskGIT's order a matter of the seed, and only its order where tokens are greedy")
    func gumbel() throws {
        let model = try smallModel(spread: 0.8)
        func tokens(_ noise: Double, steps: Int) throws -> Set<[Int32]> {
            var plan = try DecodingPlan(target: 1, length: 12, steps: steps, sampler: Sampler(temperature: 0))
            plan.schedule = .constant
            let generator = try MaskGITGenerator(plan, gumbelTemperature: noise)
            let condition = conditions(model)[0]
            return Set(
                try (0..<8).map { try generator.generate(model, conditions: [condition], seed: $0, streams: [0])[0] })
        }
        #expect(try tokens(0, steps: 12).count == 1)
        #expect(try tokens(50, steps: 12).count > 1)
        #expect(try tokens(50, steps: 1) == tokens(0, steps: 1))
    }
}
