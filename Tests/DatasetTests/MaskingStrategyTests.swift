import Experiment
import Tensor
import Testing

@testable import Dataset

@Suite("Masking strategies")
struct MaskingStrategyTests {
    private static func alphas(_ values: [String: Double]) -> MaskingAlphas {
        MaskingAlphas(inputs: values, targets: values)
    }

    static let strategies: [MaskingStrategy] =
        [0.001, 0.1, 1, 30, 1000].flatMap { alpha -> [MaskingStrategy] in
            let skewed = alphas(["a": alpha, "audio": 1])
            return [
                MaskingStrategy(.dirichlet(skewed)),
                MaskingStrategy(
                    .dirichlet(MaskingAlphas(inputs: ["a": alpha, "audio": 9], targets: ["a": 9, "audio": alpha]))),
                MaskingStrategy(.mixture([MaskingComponent(weight: 1, alphas: skewed)])),
                MaskingStrategy(.proportional(temperature: max(0.1, alpha))),
                MaskingStrategy(.span(modalities: ["audio", "a"], base: .dirichlet(skewed))),
                MaskingStrategy(.curriculum(strength: alpha, floor: 0)),
            ]
        } + [.uniform, .balanced, MaskingStrategy(.span(modalities: ["audio"], base: .uniform))]

    @Test("Neither side is ever empty and no token is on both, however few there are", arguments: strategies)
    func neverEmpty(_ strategy: MaskingStrategy) throws {
        var progress = MaskingProgress()
        progress.add([5, 5])
        for _ in 0..<50 { progress.add([0.001, nil]) }
        for (first, frames) in [(1, 1), (2, 2), (3, 8)] {
            let modalities = [
                ModalityInfo(name: "a", length: first, vocabularySize: 4),
                ModalityInfo(name: "audio", length: 2 * frames, vocabularySize: 4),
            ]
            let masker = try Masker(
                strategy: strategy, modalities: modalities,
                frames: ["audio": (0..<frames).map { [$0, frames + $0] }], inputRange: 1...40, targetRange: 1...40,
                seed: 0)
            let tokens = modalities.map { [Int32](repeating: 1, count: $0.length) }
            for epoch in 0..<60 {
                let sample = masker.sample(tokens, clip: "a", epoch: epoch, progress: epoch % 2 == 0 ? progress : nil)
                try #require(sample.inputs.count > 0 && sample.targets.count > 0)
                let places = [sample.inputs, sample.targets].flatMap { slots in
                    zip(slots.modality, slots.position).map { [$0, $1] }
                }
                #expect(Set(places).count == places.count)
            }
        }
    }

    static let four = [
        ModalityInfo(name: "image", length: 256, vocabularySize: 9),
        ModalityInfo(name: "audio", length: 2016, vocabularySize: 9),
    ]

    /// The mean share of the image among the inputs of 4,000 draws.
    private func share(_ rule: MaskingStrategy.Rule, progress: MaskingProgress? = nil) throws -> Double {
        let masker = try Masker(
            strategy: MaskingStrategy(rule), modalities: Self.four, inputRange: 64...64, targetRange: 64...64, seed: 0)
        var generator = Xoshiro256(seed: 1)
        let images = (0..<4000).map { _ in masker.budgets(progress: progress, using: &generator).inputs[0] }
        return Double(images.reduce(0, +)) / 4000 / 64
    }

    @Test("A mixture takes its parts by their weights")
    func mixture() throws {
        let image = Self.alphas(["image": 1000, "audio": 0.001])
        let audio = Self.alphas(["image": 0.001, "audio": 1000])
        let parts = [MaskingComponent(weight: 3, alphas: image), MaskingComponent(weight: 1, alphas: audio)]
        #expect(abs(try share(.mixture(parts)) - 0.75) < 0.03)
    }

    @Test(
        "Proportional budgets follow length to the power of 1 / temperature",
        arguments: [(1.0, 256.0 / 2272), (2.0, 0.2627), (1000.0, 0.4995)] as [(Double, Double)])
    func proportional(temperature: Double, expected: Double) throws {
        #expect(abs(try share(.proportional(temperature: temperature)) - expected) < 0.025)
    }

    @Test("A curriculum gives more to the modality whose loss falls slower, at least the floor to the other")
    func curriculum() throws {
        var progress = MaskingProgress()
        progress.add([8, 4])
        for _ in 0..<500 { progress.add([8, 1]) }
        let shares = progress.shares(2, strength: 1, floor: 0)
        // All of the first's loss is left and a quarter of the second's.
        #expect(abs(shares[0] - 0.8) < 1e-6)
        #expect(abs(progress.shares(2, strength: 50, floor: 0.1)[1] - 0.1) < 1e-6)
        #expect(progress.shares(2, strength: 0, floor: 0) == [0.5, 0.5])
        #expect(abs(try share(.curriculum(strength: 1, floor: 0), progress: progress) - 0.8) < 0.03)
        #expect(abs(try share(.curriculum(strength: 1, floor: 0)) - 0.5) < 0.03)
    }

    @Test("A span's inputs and targets are runs of whole frames, the targets right after the inputs")
    func span() throws {
        let (codebooks, frames) = (4, 20)
        let positions = (0..<frames).map { frame in (0..<codebooks).map { $0 * frames + frame } }
        let span = SpanMasking(frames: positions)
        var generator = Xoshiro256(seed: 2)
        for _ in 0..<200 {
            let inputs = Int.random(in: 1...30, using: &generator)
            let targets = Int.random(in: 1...30, using: &generator)
            let chosen = try #require(span.choose(inputs: inputs, targets: targets, using: &generator))
            #expect(chosen.inputs.count == inputs && chosen.targets.count == targets)
            let shown = chosen.inputs.map { $0 % frames }
            let asked = chosen.targets.map { $0 % frames }
            #expect(Set(shown).sorted() == Array(shown[0]...(shown.last ?? 0)))
            #expect(Set(asked).sorted() == Array(asked[0]...(asked.last ?? 0)))
            #expect(asked[0] == (shown.last ?? 0) + 1)
            // Both begin with a frame's coarsest codebook, and all frames but the last are whole.
            #expect(chosen.inputs[0] < frames && chosen.targets[0] < frames)
            #expect(shown.count { $0 == shown[0] } == min(codebooks, inputs))
        }
        #expect(SpanMasking(frames: [[0, 1]]).choose(inputs: 1, targets: 1, using: &generator) == nil)
    }
}
