/// How the losses of a batch's target tokens make up its loss.
struct BatchLoss {
    /// What each target token's loss counts in the batch's.
    let scale: [Float]

    private let modalities: [Int32]
    private let targetCounts: [Int]
    private let inputCounts: [Int]
    /// What each modality's mean counts; nil: every token the same.
    private let weights: [Double]?

    init(_ batch: PackedBatch, _ configuration: Nano4MConfiguration, weights given: [Double]? = nil) {
        let count = configuration.modalities.count
        let targetCounts = BatchLoss.counts(batch.target.tokens.modality, count)
        modalities = batch.target.tokens.modality
        self.targetCounts = targetCounts
        inputCounts = BatchLoss.counts(batch.input.tokens.modality, count)
        // An absent modality counts as 0 but keeps its share of the divisor, as in the reference.
        let equal = configuration.perModalityLossAverage ? [Double](repeating: 1 / Double(count), count: count) : nil
        let weights = given ?? equal
        self.weights = weights
        guard let weights else {
            scale = [Float](repeating: 1 / Float(max(1, modalities.count)), count: modalities.count)
            return
        }
        scale = modalities.map { modality in
            let targets = Float(targetCounts[Int(modality)])
            return given == nil ? 1 / (Float(count) * targets) : Float(weights[Int(modality)]) / targets
        }
    }

    /// What rows of target tokens add to the batch's loss: for each modality the sum of their losses, and last the sum of
    /// their penalties, as they count.
    func sums(_ rows: RowLosses, from first: Int = 0) -> [Double] {
        var sums = [Double](repeating: 0, count: targetCounts.count + 1)
        for (modality, loss) in zip(modalities[first...], rows.crossEntropy) { sums[Int(modality)] += Double(loss) }
        sums[targetCounts.count] = zip(rows.penalty, scale[first...]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        return sums
    }

    /// The batch's loss from the ``sums(_:from:)`` of all its target tokens.
    func report(_ all: [Double]) -> LossReport {
        let sums = all[..<targetCounts.count]
        let means = zip(sums, targetCounts).map { $1 > 0 ? $0 / Double($1) : nil }
        let loss =
            weights.map { zip($0, means).reduce(0) { $0 + $1.0 * ($1.1 ?? 0) } }
            ?? sums.reduce(0, +) / Double(max(1, modalities.count))
        return LossReport(
            loss: loss + all[targetCounts.count], modalityLoss: means, targetCounts: targetCounts,
            inputCounts: inputCounts)
    }

    private static func counts(_ modalities: [Int32], _ count: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        for modality in modalities { counts[Int(modality)] += 1 }
        return counts
    }
}
