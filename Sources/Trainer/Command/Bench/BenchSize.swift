import ArgumentParser
import Tensor
import Transformer

/// The models that `trainer bench` and its peer in PyTorch train, and their batches.
enum BenchSize: String, ExpressibleByArgument, CaseIterable, Sendable {
    case tiny, small
    case pair = "110m"

    /// Samples of a step.
    var batch: Int {
        switch self {
        case .tiny: 32
        case .small: 16
        case .pair: 4
        }
    }

    /// Slots of inputs and of targets that the reference computes for each sample.
    var slots: Int { self == .tiny ? 64 : 128 }

    /// Two modalities of 256 tokens.
    func configuration() throws(TransformerError) -> Nano4MConfiguration {
        let (dim, depth, headDim, vocabulary) =
            switch self {
            case .tiny: (128, 2, 32, 512)
            case .small: (256, 4, 64, 4096)
            case .pair: (512, 6, 64, 64_000)
            }
        return try Nano4MConfiguration(
            modalities: ["image", "depth"].map {
                Nano4MConfiguration.Modality(name: $0, vocabularySize: vocabulary, maximumLength: 256)
            },
            dim: dim, encoderDepth: depth, decoderDepth: depth, headDim: headDim)
    }

    /// Different batches that the steps take turns with.
    private static let batchCount = 4

    /// Random tokens: every slot filled, or counts uniform in 1 ... slots as the reference draws them. The counts are
    /// those that the peer draws.
    func batches(of batch: Int, allValid: Bool) throws(TransformerError) -> [PackedBatch] {
        let configuration = try configuration()
        var counts = SharedDraws()
        var random = Xoshiro256(seed: 1)
        return (0..<BenchSize.batchCount).map { _ in
            PackedBatch(
                samples: (0..<batch).map { _ in
                    let (inputs, targets) =
                        allValid
                        ? (slots, slots)
                        : (1 + counts.next() % slots, 1 + counts.next() % slots)
                    return PackedBatch.Sample(
                        input: tokens(inputs, configuration, using: &random),
                        target: tokens(targets, configuration, using: &random))
                })
        }
    }

    private func tokens(
        _ count: Int, _ configuration: Nano4MConfiguration, using random: inout Xoshiro256
    ) -> TokenSequence {
        var sequence = TokenSequence()
        for index in 0..<count {
            let modality = index * configuration.modalities.count / count
            let kind = configuration.modalities[modality]
            sequence.append(
                modality: Int32(modality), position: Int32(index % kind.maximumLength),
                token: Int32(Int.random(in: 0..<kind.vocabularySize, using: &random)))
        }
        return sequence
    }
}

/// Knuth's linear congruential generator: a few lines in any language give the same numbers.
private struct SharedDraws {
    private var state: UInt64 = 1

    mutating func next() -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33)
    }
}
