package import Dataset
package import Experiment
package import Tensor
package import Transformer

/// Measures a model on the eval split: the run's own masking with fixed draws, and the probes.
package struct Evaluator {
    private let tokens: TokenSet
    private let modalities: [ModalityInfo]
    private let batches: [PackedBatch]
    private let probes: [Probe]
    private let probeClips: Int
    private let batchSize: Int

    /// `modalities` are the model's, in its order.
    package init(tokens: TokenSet, modalities: [ModalityInfo], settings: TrainingSettings) throws {
        let clips = Array(tokens.clips(in: .eval).prefix(settings.evalClips))
        guard !clips.isEmpty else {
            throw TrainingError(.unusableTokenSet, "\(tokens.path) has no eval clips; prepare it from more material")
        }
        // Not the run's seed: runs that differ in nothing else are measured on the same draws.
        let masker = try settings.masker(modalities, of: tokens, seed: 0)
        let samples = try clips.enumerated().map { index, clip in
            let sequences = modalities.map { tokens.tokens(modality: $0.name, split: .eval, clip: index) }
            return try PackedBatch.Sample(masker.sample(sequences, clip: "eval/\(clip)", epoch: 0))
        }
        self.tokens = tokens
        self.modalities = modalities
        batchSize = settings.batchSize
        batches = Evaluator.packed(samples, batchSize: batchSize)
        probes = Probe.all(of: modalities)
        probeClips = min(clips.count, Probe.maximumClips)
    }

    /// Values by metric name, the same on all ranks, which take turns with the batches; nil when cancelled anywhere, which
    /// is asked between batches.
    package func evaluate(
        _ model: Nano4M, with communicator: any Communicator = SoloCommunicator(), isCancelled: () -> Bool = { false }
    ) throws -> [String: Double]? {
        guard let own = try mean(batches, of: model, communicator, isCancelled) else { return nil }
        let loss = own.loss(
            perModalityAverage: model.configuration.perModalityLossAverage, weights: model.lossWeights)
        var metrics = ["[Eval]/loss": loss]
        for (modality, loss) in zip(modalities, own.byModality) { metrics["[Eval]/\(modality.name)"] = loss }
        for probe in probes {
            let samples = (0..<probeClips).map { probe.sample(tokens: tokens, clip: $0, modalities: modalities) }
            let packed = Evaluator.packed(samples, batchSize: batchSize)
            guard let mean = try mean(packed, of: model, communicator, isCancelled) else { return nil }
            metrics[probe.metric] = mean.loss(perModalityAverage: false)
        }
        return metrics
    }

    private func mean(
        _ batches: [PackedBatch], of model: Nano4M, _ communicator: any Communicator, _ isCancelled: () -> Bool
    ) throws -> LossMean? {
        var mean = LossMean(modalities: modalities.count)
        var hasEnded = false
        for index in stride(from: communicator.rank, to: batches.count, by: communicator.ranks) where !hasEnded {
            hasEnded = isCancelled()
            if !hasEnded { mean.add(try model.evaluate(batches[index])) }
        }
        guard communicator.ranks > 1 else { return hasEnded ? nil : mean }
        return try mean.shared(by: communicator, isCancelled: hasEnded)
    }

    private static func packed(_ samples: [PackedBatch.Sample], batchSize: Int) -> [PackedBatch] {
        stride(from: 0, to: samples.count, by: batchSize).map {
            PackedBatch(samples: Array(samples[$0..<min($0 + batchSize, samples.count)]))
        }
    }
}
