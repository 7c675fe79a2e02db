package import Tensor

extension Nano4M {
    /// Loss of a batch of which each rank does its share; leaves the gradients of the whole in every rank.
    ///
    /// All ranks are given the whole batch: what a token counts depends on all of them. It is done in `microBatches` parts
    /// at least, and the same parts in any number of ranks up to that. Gradients are added up while others are computed.
    package func forwardBackward(
        _ batch: PackedBatch, microBatches: Int = 1, with communicator: any Communicator
    ) throws -> LossReport {
        let report = try startForwardBackward(batch, microBatches: microBatches, with: communicator).report()
        backend.finish()
        try checkBackend()
        return report
    }

    /// The same without waiting for it. All ranks must ask for the loss, at the same place among what they tell each other.
    package func startForwardBackward(
        _ batch: PackedBatch, microBatches: Int = 1, with communicator: any Communicator
    ) throws -> PendingLoss {
        guard communicator.ranks > 1 else {
            let report = try startForwardBackward(batch, microBatches: microBatches)
            return PendingLoss { report.value }
        }
        try batch.validate(for: configuration)
        let whole = batch.shifted(for: configuration)
        let shares = whole.split(communicator.ranks)
        guard shares.count == communicator.ranks else {
            throw TransformerError(
                .invalidBatch,
                "\(batch.sampleCount) samples are too few for \(communicator.ranks) ranks; raise batch_size or use fewer"
            )
        }
        parameters.beginGradients(rows: whole.input.tokens.token, backend)
        let loss = BatchLoss(batch, configuration, weights: lossWeights)
        let before = shares[..<communicator.rank].reduce(0) { $0 + $1.target.tokens.count }
        let parts = shares[communicator.rank].split(
            (microBatches + communicator.ranks - 1) / communicator.ranks)
        let sharing = GradientSharing(parameters, backend, communicator)
        let rows = try startLosses(
            of: parts, scale: loss.scale[before...], withGradients: true, ready: sharing.ready)
        try sharing.finish(workspace)
        try checkBackend()
        return PendingLoss { loss.report(try communicator.sum(loss.sums(rows.value, from: before))) }
    }
}
