package import Dataset
import Tensor
package import Transformer

/// The training batches of a run: pass after pass over the train clips, each in an order of its own.
///
/// A batch depends on the seed and its step alone, and under a curriculum on its progress, so that a resumed run sees
/// what it would have seen.
package struct BatchStream {
    private let tokens: TokenSet
    private let masker: Masker
    private let batchSize: Int
    private let seed: Int
    private let clips: [String]
    /// The order of the epoch that was last asked for.
    private var order: (epoch: Int, clips: [Int]) = (-1, [])

    package init(tokens: TokenSet, masker: Masker, batchSize: Int, seed: Int) throws(TrainingError) {
        clips = tokens.clips(in: .train)
        guard !clips.isEmpty else {
            throw TrainingError(.unusableTokenSet, "\(tokens.path) has no train clips; prepare it from more material")
        }
        self.tokens = tokens
        self.masker = masker
        self.batchSize = batchSize
        self.seed = seed
    }

    /// The batch of a step, which counts from 0.
    package mutating func batch(step: Int, progress: MaskingProgress? = nil) throws -> PackedBatch {
        var samples: [PackedBatch.Sample] = []
        samples.reserveCapacity(batchSize)
        for index in step * batchSize..<(step + 1) * batchSize {
            let epoch = index / clips.count
            let clip = clip(at: index % clips.count, epoch: epoch)
            let sequences = masker.modalities.map { tokens.tokens(modality: $0.name, split: .train, clip: clip) }
            let masked = masker.sample(sequences, clip: clips[clip], epoch: epoch, progress: progress)
            samples.append(try PackedBatch.Sample(masked))
        }
        return PackedBatch(samples: samples)
    }

    private mutating func clip(at place: Int, epoch: Int) -> Int {
        if order.epoch != epoch {
            var generator = Xoshiro256(text: "order/\(seed)/\(epoch)")
            order = (epoch, clips.indices.shuffled(using: &generator))
        }
        return order.clips[place]
    }
}

extension PackedBatch.Sample {
    init(_ sample: MaskedSample) throws(TransformerError) {
        self.init(input: try TokenSequence(sample.inputs), target: try TokenSequence(sample.targets))
    }
}

extension TokenSequence {
    init(_ slots: TokenSlots) throws(TransformerError) {
        try self.init(modality: slots.modality, position: slots.position, token: slots.token)
    }
}
