import Transformer

/// The loss of many batches as if they were one: every target token counts the same, whichever batch it was in.
struct LossMean {
    private var sums: [Double]
    private var counts: [Int]

    init(modalities: Int) {
        sums = Array(repeating: 0, count: modalities)
        counts = Array(repeating: 0, count: modalities)
    }

    mutating func add(_ report: LossReport) {
        for (index, loss) in report.modalityLoss.enumerated() {
            guard let loss else { continue }
            sums[index] += loss * Double(report.targetCounts[index])
            counts[index] += report.targetCounts[index]
        }
    }

    /// Mean cross-entropy of each modality; nil for one without targets.
    var byModality: [Double?] {
        zip(sums, counts).map { sum, count in count > 0 ? sum / Double(count) : nil }
    }

    /// The loss trained on: the mean over modalities (one without targets counts as 0), weighted if there are weights, or
    /// over tokens.
    func loss(perModalityAverage: Bool, weights: [Double]? = nil) -> Double {
        if let weights { return zip(weights, byModality).reduce(0) { $0 + $1.0 * ($1.1 ?? 0) } }
        return perModalityAverage
            ? byModality.reduce(0) { $0 + ($1 ?? 0) } / Double(max(1, counts.count))
            : sums.reduce(0, +) / Double(max(1, counts.reduce(0, +)))
    }
}
