import Tensor
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

    /// Of the batches of all ranks; nil if one of them has not seen all of its own.
    func shared(by communicator: any Communicator, isCancelled: Bool) throws(RankError) -> LossMean? {
        let all = try communicator.sum(sums + counts.map(Double.init) + [isCancelled ? 1 : 0])
        guard all.last == 0 else { return nil }
        var mean = self
        mean.sums = Array(all[..<sums.count])
        mean.counts = all[sums.count..<(2 * sums.count)].map { Int($0) }
        return mean
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
