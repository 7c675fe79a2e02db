import Glibc

/// How far the loss of each modality has fallen: the state of the curriculum, kept with the loop's.
package struct MaskingProgress: Codable, Sendable, Hashable {
    /// What a new loss counts in the smoothed one.
    private static let weight = 0.05

    /// By modality index; nil before the modality's first target.
    package private(set) var first: [Double?] = []
    package private(set) var smoothed: [Double?] = []

    package init() {}

    /// Takes in a step's losses, nil for a modality without targets.
    package mutating func add(_ losses: [Double?]) {
        if first.isEmpty {
            first = losses
            smoothed = losses
            return
        }
        for (index, loss) in losses.enumerated() {
            guard let loss else { continue }
            first[index] = first[index] ?? loss
            smoothed[index] = smoothed[index].map { $0 + MaskingProgress.weight * (loss - $0) } ?? loss
        }
    }

    /// Shares of the budget that add up to 1: each modality's part of its first loss that is left, beside the others',
    /// to the power of `strength` (GradNorm's relative inverse training rate, applied to budgets), none below `floor`.
    package func shares(_ modalities: Int, strength: Double, floor: Double) -> [Double] {
        let left = (0..<modalities).map { index -> Double? in
            guard first.indices.contains(index), let first = first[index], let now = smoothed[index], first > 0
            else { return nil }
            return min(1e6, max(1e-6, now / first))
        }
        let known = left.compactMap { $0 }
        let mean = known.isEmpty ? 1 : known.reduce(0, +) / Double(known.count)
        // One without losses so far counts as the mean.
        let weights = left.map { power(($0 ?? mean) / mean, strength) }
        let sum = weights.reduce(0, +)
        let least = min(floor, 1 / Double(max(1, modalities)))
        return weights.map { least + (1 - least * Double(modalities)) * $0 / sum }.map { max($0, 1e-9) }
    }
}

/// `pow`, whose name is Glibc's.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
