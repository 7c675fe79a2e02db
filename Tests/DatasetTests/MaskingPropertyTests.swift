import Experiment
import Tensor
import Testing

@testable import Dataset

/// Configurations that nobody would choose, drawn at random: streams of one token or none, budgets beyond all streams
/// together, alphas at the ends of what a float holds.
@Suite("Masking, whatever is asked of it")
struct MaskingPropertyTests {
    private struct Configuration {
        var modalities: [ModalityInfo]
        var frames: [String: [[Int]]] = [:]
        var inputRange: ClosedRange<Int>
        var targetRange: ClosedRange<Int>
        var progress: MaskingProgress?

        init(using random: inout Xoshiro256) {
            var lengths = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                [0, 1, 1, 1, 2, 3, 8, 60, 300].randomElement(using: &random) ?? 1
            }
            if lengths.reduce(0, +) < 2 { lengths[0] = 2 }
            modalities = lengths.enumerated().map {
                ModalityInfo(name: "m\($0.offset)", length: $0.element, vocabularySize: 400)
            }
            func range() -> ClosedRange<Int> {
                let lower = [1, 1, 2, 7, 64, 1000].randomElement(using: &random) ?? 1
                return lower...(lower + ([0, 1, 30, 5000].randomElement(using: &random) ?? 0))
            }
            (inputRange, targetRange) = (range(), range())
            for modality in modalities where modality.length % 2 == 0 {
                let count = modality.length / 2
                frames[modality.name] = (0..<count).map { [$0, count + $0] }
            }
            guard Bool.random(using: &random) else { return }
            var progress = MaskingProgress()
            for _ in 0..<30 {
                progress.add(
                    lengths.map { _ in [nil, 0, 1e-300, 0.5, 9, 1e300].randomElement(using: &random) ?? nil })
            }
            self.progress = progress
        }

        func strategy(_ name: String, using random: inout Xoshiro256) -> MaskingStrategy.Rule {
            func alphas() -> MaskingAlphas {
                func side() -> [String: Double] {
                    var alphas: [String: Double] = [:]
                    for modality in modalities {
                        let all: [Double] = [.leastNonzeroMagnitude, 1e-308, 1e-9, 0.1, 1, 30, 1e9, 1e308]
                        alphas[modality.name] = all.randomElement(using: &random)
                    }
                    return alphas
                }
                return MaskingAlphas(inputs: side(), targets: side())
            }
            switch name {
            case "uniform": return .uniform
            case "dirichlet": return .dirichlet(alphas())
            case "mixture":
                return .mixture([1e-9, 1, 1e9].map { MaskingComponent(weight: $0, alphas: alphas()) })
            case "proportional": return .proportional(temperature: [0.1, 1, 1000].randomElement(using: &random) ?? 1)
            case "span":
                let bases = ["uniform", "balanced", "dirichlet", "proportional"]
                let base = strategy(bases.randomElement(using: &random) ?? "", using: &random)
                return .span(
                    modalities: modalities.map(\.name).filter { _ in Bool.random(using: &random) }, base: base)
            case "curriculum":
                return .curriculum(
                    strength: [0, 4, 100].randomElement(using: &random) ?? 0,
                    floor: [0, 0.05, 1].randomElement(using: &random) ?? 0)
            default: return .balanced
            }
        }
    }

    @Test(
        "No sample has an empty encoder or no targets, a token on both sides or more than was asked for",
        arguments: MaskingStrategy.names)
    func neverEmpty(_ name: String) throws {
        var random = Xoshiro256(seed: 11)
        for _ in 0..<150 {
            let configuration = Configuration(using: &random)
            let rule = configuration.strategy(name, using: &random)
            let masker = try Masker(
                strategy: MaskingStrategy(rule), modalities: configuration.modalities, frames: configuration.frames,
                inputRange: configuration.inputRange, targetRange: configuration.targetRange, seed: 3)
            let tokens = configuration.modalities.map { modality in (0..<Int32(modality.length)).map { 399 - $0 } }
            for epoch in 0..<4 {
                let sample = masker.sample(tokens, clip: "c", epoch: epoch, progress: configuration.progress)
                func what() -> Comment { "\(rule) of \(configuration)" }
                try #require(sample.inputs.count > 0 && sample.targets.count > 0, what())
                #expect(sample.inputs.count <= configuration.inputRange.upperBound, what())
                #expect(sample.targets.count <= configuration.targetRange.upperBound, what())
                var seen: Set<[Int32]> = []
                for slots in [sample.inputs, sample.targets] {
                    for ((modality, position), token) in zip(zip(slots.modality, slots.position), slots.token) {
                        #expect(seen.insert([modality, position]).inserted, what())
                        #expect(tokens[Int(modality)][Int(position)] == token, what())
                    }
                }
            }
        }
    }

    @Test(
        "Where streams are long enough a sample has exactly as many tokens as were drawn, both ends of the range included",
        arguments: MaskingStrategy.names)
    func exact(_ name: String) throws {
        var random = Xoshiro256(seed: 2)
        var configuration = Configuration(using: &random)
        configuration.modalities = ["m0", "m1", "m2"].map { ModalityInfo(name: $0, length: 40, vocabularySize: 400) }
        configuration.frames = [:]
        let masker = try Masker(
            strategy: MaskingStrategy(configuration.strategy(name, using: &random)),
            modalities: configuration.modalities, inputRange: 3...5, targetRange: 7...8, seed: 3)
        let tokens = configuration.modalities.map { [Int32](repeating: 0, count: $0.length) }
        let samples = (0..<200).map { masker.sample(tokens, clip: "c", epoch: $0) }
        #expect(Set(samples.map(\.inputs.count)) == [3, 4, 5])
        #expect(Set(samples.map(\.targets.count)) == [7, 8])
    }
}
