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

    /// Sums up, in double precision, the losses of all target tokens.
    func report(_ rows: LogitsHead.Losses) -> LossReport {
        let losses = rows.crossEntropy
        var sums = [Double](repeating: 0, count: targetCounts.count)
        for (modality, loss) in zip(modalities, losses) { sums[Int(modality)] += Double(loss) }
        let means = zip(sums, targetCounts).map { $1 > 0 ? $0 / Double($1) : nil }
        let loss =
            weights.map { zip($0, means).reduce(0) { $0 + $1.0 * ($1.1 ?? 0) } }
            ?? sums.reduce(0, +) / Double(max(1, losses.count))
        let penalty = zip(rows.penalty, scale).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        return LossReport(
            loss: loss + penalty, modalityLoss: means, targetCounts: targetCounts, inputCounts: inputCounts)
    }

    private static func counts(_ modalities: [Int32], _ count: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        for modality in modalities { counts[Int(modality)] += 1 }
        return counts
    }
}
