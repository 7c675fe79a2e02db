import Experiment
import Tensor
import Testing

@testable import Transformer

@Suite("Generation")
struct GenerationTests {
    private func plan(
        steps: Int = 4, temperature: Double = 0, _ change: (inout DecodingPlan) -> Void = { _ in }
    ) throws -> DecodingPlan {
        var plan = try DecodingPlan(target: 1, length: 12, steps: steps, sampler: Sampler(temperature: temperature))
        change(&plan)
        return plan
    }

    private func conditions(_ model: Nano4M) -> [TokenSequence] {
        (0..<3).map { sample(model, inputs: 4, targets: 0, seed: $0, modalities: 1).input }
    }

    @Test(
        "Step schedules decode every position once",
        arguments: GenerationSettings.StepSchedule.allCases, [(256, 16), (10, 3), (5, 9), (7, 1), (2016, 50)])
    func sizes(schedule: GenerationSettings.StepSchedule, numbers: (Int, Int)) {
        let sizes = schedule.sizes(length: numbers.0, steps: numbers.1)
        #expect(sizes.count == min(numbers.0, numbers.1))
        #expect(sizes.reduce(0, +) == numbers.0)
        #expect(sizes.allSatisfy { $0 > 0 })
    }

    @Test("Step schedules have the shapes that their names say")
    func shapes() {
        #expect(GenerationSettings.StepSchedule.constant.sizes(length: 10, steps: 3) == [3, 3, 4])
        #expect(GenerationSettings.StepSchedule.linear.sizes(length: 11, steps: 4) == [2, 3, 3, 3])
        #expect(GenerationSettings.StepSchedule.cosine.sizes(length: 100, steps: 4) == [8, 22, 32, 38])
    }

    @Test("Temperature schedules begin at the temperature and fall as their names say")
    func temperatures() {
        let sizes = [2, 2, 2, 2]
        #expect(
            GenerationSettings.TemperatureSchedule.constant.temperatures(from: 0.8, to: 0, sizes: sizes)
                == [0.8, 0.8, 0.8, 0.8])
        #expect(
            GenerationSettings.TemperatureSchedule.linear.temperatures(from: 4, to: 0, sizes: sizes) == [4, 3, 2, 1])
        let onex = GenerationSettings.TemperatureSchedule.onex.temperatures(from: 2, to: 0.5, sizes: sizes)
        #expect(onex.first == 2 && onex.last == 0.5)
        #expect(onex[1] < 1 && onex[1] > onex[2] && onex[2] > 0.5)
    }

    @Test("In one step and greedily all orders and schedules give the same tokens")
    func oneStep() throws {
        let model = try smallModel(spread: 0.8)
        let conditions = conditions(model)
        let expected = try ROARGenerator(plan(steps: 1)).generate(model, conditions: conditions, seed: 1)
        for schedule in GenerationSettings.StepSchedule.allCases {
            let plan = try plan(steps: 1) { $0.schedule = schedule }
            let generators: [any TokenGenerator] = [
                ROARGenerator(plan), try MaskGITGenerator(plan, gumbelTemperature: 3),
                try AutoregressiveGenerator(plan),
            ]
            for generator in generators {
                #expect(try generator.generate(model, conditions: conditions, seed: 9) == expected)
            }
        }
    }

    @Test("MaskGIT keeps what the model is surest of, step by step")
    func maskGIT() throws {
        let model = try smallModel(spread: 0.8)
        let plan = try plan(steps: 3)
        let condition = conditions(model)[0]
        let tokens = try MaskGITGenerator(plan).generate(model, conditions: [condition], seed: 1)[0]
        var left = Array(0..<Int32(12))
        var input = condition
        for size in [4, 4, 4] {
            var query = TokenSequence()
            for position in left { query.append(modality: 1, position: position, token: 0) }
            let logits = try model.logits(PackedBatch(samples: [.init(input: input, target: query)]))
            let best = left.indices.map { row -> (position: Int32, token: Int, confidence: Double) in
                let all = Array(logits[row * 11..<row * 11 + 7])
                return all.withUnsafeBufferPointer { all in
                    let token = all.indices.max { (all[$0], -$0) < (all[$1], -$1) } ?? 0
                    return (left[row], token, plan.sampler.logProbability(of: token, in: all))
                }
            }
            let kept = best.sorted { $0.confidence > $1.confidence }.prefix(size).sorted { $0.position < $1.position }
            for choice in kept {
                #expect(tokens[Int(choice.position)] == Int32(choice.token))
                input.append(modality: 1, position: choice.position, token: Int32(choice.token))
            }
            left.removeAll { position in kept.contains { $0.position == position } }
        }
        #expect(left.isEmpty)
    }

    @Test("Autoregressive generation goes up, or by a layout's steps")
    func order() throws {
        var random = Xoshiro256(seed: 1)
        let rising = try AutoregressiveGenerator(plan(steps: 12)).groups(using: &random)
        #expect(rising == (0..<12).map { [$0] })
        let units: [[Int32]] = [[3], [0, 1, 2], [4, 5, 6, 7], [8, 9, 10, 11]]
        #expect(try AutoregressiveGenerator(plan(steps: 99), units: units).groups(using: &random) == units)
        let halves = try AutoregressiveGenerator(plan(steps: 2), units: units).groups(using: &random)
        #expect(halves == [[3, 0, 1, 2], [4, 5, 6, 7, 8, 9, 10, 11]])
        #expect(throws: TransformerError.self) { try AutoregressiveGenerator(plan(), units: [[0, 1]]) }
    }

    @Test("Guidance of 1 is none, of 0 is without the condition, and of 2 goes beyond")
    func guidance() throws {
        let model = try smallModel(spread: 0.8)
        let conditions = conditions(model)
        func generate(_ scale: Double, _ conditions: [TokenSequence]) throws -> [[Int32]] {
            let plan = try plan(steps: 3, temperature: 1) { $0.guidanceScale = scale }
            return try ROARGenerator(plan).generate(model, conditions: conditions, seed: 4)
        }
        let plain = try ROARGenerator(plan(steps: 3, temperature: 1)).generate(model, conditions: conditions, seed: 4)
        #expect(try generate(1, conditions) == plain)
        #expect(try generate(1 + 1e-9, conditions) == plain)
        let none = [TokenSequence](repeating: TokenSequence(), count: conditions.count)
        #expect(try generate(0, conditions) == generate(1, none))
        #expect(try generate(4, conditions) != plain)
    }

    @Test("A share of the vocabulary cuts as the number does")
    func share() throws {
        let logits: [Float] = (0..<10).map { Float($0) / 10 }
        func draws(_ sampler: Sampler) -> [Int] {
            var random = Xoshiro256(seed: 1)
            return logits.withUnsafeBufferPointer { all in (0..<200).map { _ in sampler.sample(all, using: &random) } }
        }
        #expect(try draws(Sampler(topShare: 0.3)) == draws(Sampler(topK: 3)))
        #expect(Set(try draws(Sampler(topShare: 0.01))) == [9])
    }

    @Test("Losses count as their modality's weight says")
    func lossWeights() throws {
        let model = try smallModel()
        let batch = PackedBatch(samples: [sample(model, inputs: 4, targets: 9, seed: 3)])
        let plain = try model.evaluate(batch)
        model.lossWeights = [0.2, 0.8, 0]
        let weighted = try model.evaluate(batch)
        let expected = 0.2 * (plain.modalityLoss[0] ?? 0) + 0.8 * (plain.modalityLoss[1] ?? 0)
        #expect(abs(weighted.loss - expected) < 1e-6)
        model.lossWeights = [0, 0, 1]
        _ = try model.forwardBackward(batch)
        let label = model.parameters.gradients.floats.map { abs($0) }.max() ?? 0
        model.lossWeights = [0, 0, 0]
        _ = try model.forwardBackward(batch)
        #expect(model.parameters.gradients.floats.allSatisfy { $0 == 0 })
        #expect(label > 0 || plain.targetCounts[2] == 0)
    }
}
