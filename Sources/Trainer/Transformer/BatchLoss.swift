/// How the losses of a batch's target tokens make up its loss.
struct BatchLoss {
    /// What each target token's loss counts in the batch's.
    let scale: [Float]

    private let modalities: [Int32]
    private let targetCounts: [Int]
    private let inputCounts: [Int]
    private let perModality: Bool

    init(_ batch: PackedBatch, _ configuration: Nano4MConfiguration) {
        let count = configuration.modalities.count
        let targetCounts = BatchLoss.counts(batch.target.tokens.modality, count)
        modalities = batch.target.tokens.modality
        self.targetCounts = targetCounts
        inputCounts = BatchLoss.counts(batch.input.tokens.modality, count)
        perModality = configuration.perModalityLossAverage
        // An absent modality counts as 0 but keeps its share of the divisor, as in the reference.
        scale =
            perModality
            ? modalities.map { 1 / (Float(count) * Float(targetCounts[Int($0)])) }
            : [Float](repeating: 1 / Float(max(1, modalities.count)), count: modalities.count)
    }

    /// Sums up, in double precision, the losses of all target tokens.
    func report(_ rows: LogitsHead.Losses) -> LossReport {
        let losses = rows.crossEntropy
        var sums = [Double](repeating: 0, count: targetCounts.count)
        for (modality, loss) in zip(modalities, losses) { sums[Int(modality)] += Double(loss) }
        let means = zip(sums, targetCounts).map { $1 > 0 ? $0 / Double($1) : nil }
        let loss =
            perModality
            ? means.reduce(0) { $0 + ($1 ?? 0) } / Double(means.count)
            : sums.reduce(0, +) / Double(max(1, losses.count))
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
