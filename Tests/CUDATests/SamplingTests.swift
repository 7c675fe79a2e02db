import Tensor
import Testing

@testable import CUDA
@testable import Transformer

/// Tokens drawn on the device are those that the host's sampler draws from the same numbers.
@Suite("Sampling on the device")
struct SamplingTests {
    struct Case: CustomTestStringConvertible {
        let temperature: Double
        var topK = 0
        var topShare = 0.0
        var topP = 1.0

        var testDescription: String { "temperature \(temperature), top \(topK), \(topShare), \(topP)" }
    }

    static let cases = [
        Case(temperature: 0), Case(temperature: 1), Case(temperature: 0.3), Case(temperature: 1, topK: 1),
        Case(temperature: 1.5, topK: 9), Case(temperature: 1, topP: 0.8), Case(temperature: 0.7, topK: 50, topP: 0.5),
        Case(temperature: 2, topShare: 0.1), Case(temperature: 1, topP: 1e-9),
    ]

    @Test("From float32 and from 16 bits, with equal logits among them", arguments: cases, Precision.allCases)
    func draws(shape: Case, precision: Precision) throws {
        let both = Comparison(tested: CUDABackend(EmulatedDevice(), precision: precision))
        let sampler = try Sampler(
            temperature: shape.temperature, topK: shape.topK, topShare: shape.topShare, topP: shape.topP)
        // Rows of more columns than the range; rounded to quarters, so that many are equal.
        let (rows, columns, range) = (12, 333, 20..<320)
        let plain = both.values(rows * columns, seed: 1, scale: 2)
        let logits = FloatStorage(count: rows * columns, memory: both.tested.activationMemory)
        for index in plain.tested.floats.indices {
            plain.tested.floats[index] = (plain.tested.floats[index] * 4).rounded() / 4
        }
        both.tested.copy(logits.pointer, from: plain.tested.pointer, count: rows * columns)
        let values = both.tested.withValues(of: logits.pointer, count: rows * columns) { Array($0) }
        var (host, device) = (Xoshiro256(seed: 3), Xoshiro256(seed: 3))
        var draws = sampler.draws(columns: columns, range: range, guidance: 1)
        for row in 0..<rows { draws.add(row: row, other: nil, uniform: shape.temperature > 0 ? device.uniform() : 0) }
        let drawn = try #require(both.tested.draw(draws, logits: logits.pointer))
        for row in 0..<rows {
            let own = Array(values[(row * columns + range.lowerBound)..<(row * columns + range.upperBound)])
            let (token, probability) = own.withUnsafeBufferPointer { own in
                let token = sampler.sample(own, using: &host)
                return (token, sampler.logProbability(of: token, in: own))
            }
            #expect(drawn[row].token == token && abs(drawn[row].logProbability - probability) < 1e-9)
        }
    }

    @Test("Guided logits are between two rows, and chunks keep those together")
    func guidance() throws {
        let both = Comparison(tested: CUDABackend(EmulatedDevice()))
        let logits = both.values(4 * 50, seed: 1)
        var draws = TokenDraws(columns: 50, range: 0..<50, guidance: 2.5, temperature: 0, kept: 50, topP: 1)
        for row in 2..<4 { draws.add(row: row, other: row - 2, uniform: 0) }
        let drawn = try #require(both.tested.draw(draws, logits: logits.tested.pointer))
        for row in 0..<2 {
            let guided = (0..<50).map { column in
                let without = logits.reference.floats[row * 50 + column]
                let with = logits.reference.floats[(row + 2) * 50 + column]
                return without + 2.5 * (with - without)
            }
            #expect(drawn[row].token == guided.indices.max { guided[$0] < guided[$1] })
        }
        #expect(draws.chunks(rows: 4, most: 1) == [0..<4])
        var pairs = TokenDraws(columns: 5, range: 0..<5, guidance: 2, temperature: 1, kept: 5, topP: 1)
        for row in [1, 3, 5] { pairs.add(row: row, other: row - 1, uniform: 0) }
        #expect(pairs.chunks(rows: 7, most: 4) == [0..<4, 4..<7])
        #expect(pairs.within(2..<6).rows == [1, 3] && pairs.within(2..<6).others == [0, 2])
    }

    @Test("A model generates the host's tokens, with guidance too, whatever the generator", arguments: [1, 1.8])
    func generation(guidance: Double) throws {
        let golden = try GoldenDirectory(path: ModelTests.folder + "/tiny")
        var plan = try DecodingPlan(
            target: 0, length: 6, steps: 3, sampler: Sampler(temperature: 0.9, topK: 8, topP: 0.95))
        plan.guidanceScale = guidance
        let generators: [any TokenGenerator] = [ROARGenerator(plan), try MaskGITGenerator(plan, gumbelTemperature: 2)]
        let (host, device) = (
            try golden.model(backend: CPUBackend(threads: 1)), try golden.model(backend: CUDABackend(EmulatedDevice()))
        )
        let input = try golden.batch(0).input.tokens
        for generator in generators {
            let tokens = try [host, device].map { try generator.generate($0, conditions: [input, input], seed: 5) }
            #expect(tokens[0] == tokens[1])
        }
    }
}
