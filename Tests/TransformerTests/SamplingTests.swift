import Glibc
import Tensor
import Testing
import Transformer

@Suite("Sampling")
struct SamplingTests {
    /// Shares of 20,000 draws from these logits.
    private func shares(_ sampler: Sampler, _ logits: [Float]) -> [Double] {
        var generator = Xoshiro256(seed: 1)
        var counts = [Double](repeating: 0, count: logits.count)
        logits.withUnsafeBufferPointer { logits in
            for _ in 0..<20_000 { counts[sampler.sample(logits, using: &generator)] += 1 }
        }
        return counts.map { $0 / 20_000 }
    }

    private let logits: [Float] = [Float(log(0.1)), Float(log(0.4)), Float(log(0.2)), Float(log(0.3))]

    static let cases: [(Double, Int, Double, [Double])] = [
        (1, 0, 1, [0.1, 0.4, 0.2, 0.3]),
        (0, 0, 1, [0, 1, 0, 0]),
        (0.5, 0, 1, [1.0 / 30, 16.0 / 30, 4.0 / 30, 9.0 / 30]),
        (1, 2, 1, [0, 4.0 / 7, 0, 3.0 / 7]),
        (1, 1, 1, [0, 1, 0, 0]),
        (1, 99, 1, [0.1, 0.4, 0.2, 0.3]),
        (1, 0, 0.6, [0, 4.0 / 7, 0, 3.0 / 7]),
        (1, 0, 0.75, [0, 4.0 / 9, 2.0 / 9, 3.0 / 9]),
        (1, 0, 1e-9, [0, 1, 0, 0]),
        (1, 3, 0.7, [0, 4.0 / 7, 0, 3.0 / 7]),
    ]

    @Test("Draws follow temperature, top-k and top-p", arguments: cases)
    func distribution(temperature: Double, topK: Int, topP: Double, expected: [Double]) throws {
        let sampler = try Sampler(temperature: temperature, topK: topK, topP: topP)
        for (share, expected) in zip(shares(sampler, logits), expected) {
            // Four standard errors; what is cut must never be drawn.
            #expect(expected == 0 ? share == 0 : abs(share - expected) <= 4 * 0.0036)
        }
    }

    @Test(
        "Settings that mean nothing are refused",
        arguments: [(-1.0, 0, 1.0), (.nan, 0, 1), (1, -1, 1), (1, 0, 0), (1, 0, 1.1)])
    func invalid(temperature: Double, topK: Int, topP: Double) {
        #expect(throws: TransformerError.self) { try Sampler(temperature: temperature, topK: topK, topP: topP) }
    }

    @Test("Groups hold every position once, the remainder in the last", arguments: [(10, 3), (8, 8), (5, 9), (7, 1)])
    func groups(length: Int, steps: Int) throws {
        let generator = try ROARGenerator(target: 0, length: length, steps: steps, sampler: Sampler())
        var random = Xoshiro256(seed: 3)
        let groups = generator.groups(using: &random)
        #expect(groups.flatMap { $0 }.sorted() == (0..<Int32(length)).map { $0 })
        #expect(groups.count == min(length, steps))
        #expect(groups.dropLast().allSatisfy { $0.count == length / groups.count })
    }

    @Test("A clip's tokens depend on its seed and conditions, not on its company")
    func batching() throws {
        let model = try smallModel()
        let generator = try ROARGenerator(target: 1, length: 12, steps: 5, sampler: Sampler())
        let conditions = (0..<3).map { sample(model, inputs: 4, targets: 0, seed: $0, modalities: 1).input }
        let together = try generator.generate(model, conditions: conditions, seed: 7)
        #expect(try generator.generate(model, conditions: conditions, seed: 7) == together)
        #expect(try generator.generate(model, conditions: [conditions[0]], seed: 7) == [together[0]])
        #expect(try generator.generate(model, conditions: conditions, seed: 8) != together)
        // The largest vocabulary is 11; audio has 7 tokens.
        #expect(together.allSatisfy { $0.count == 12 && $0.allSatisfy { (0..<7).contains($0) } })
    }

    @Test("Each step sees what the steps before it drew")
    func autoregressive() throws {
        let model = try smallModel()
        let generator = try ROARGenerator(target: 1, length: 6, steps: 6, sampler: Sampler(temperature: 0))
        let condition = sample(model, inputs: 4, targets: 0, seed: 1, modalities: 1).input
        let tokens = try generator.generate(model, conditions: [condition], seed: 7)[0]
        var random = ROARGenerator.generator(seed: 7, clip: 0)
        var input = condition
        for position in generator.groups(using: &random).flatMap({ $0 }) {
            var query = TokenSequence()
            query.append(modality: 1, position: position, token: 0)
            let logits = try model.logits(PackedBatch(samples: [.init(input: input, target: query)])).prefix(7)
            #expect(logits.firstIndex(of: logits.max() ?? 0) == Int(tokens[Int(position)]))
            input.append(modality: 1, position: position, token: tokens[Int(position)])
        }
    }

    @Test("A modality or length that the model does not have is refused")
    func impossible() throws {
        let model = try smallModel()
        for (target, length) in [(3, 1), (0, 9)] {
            let generator = try ROARGenerator(target: target, length: length, steps: 1, sampler: Sampler())
            #expect(throws: TransformerError.self) {
                try generator.generate(model, conditions: [TokenSequence()], seed: 0)
            }
        }
    }
}
