/// A batch's loss and what it was taken over.
package struct LossReport: Sendable, Hashable {
    /// The loss trained on: see ``Nano4MConfiguration/perModalityLossAverage``, and ``Nano4MOptions/zLoss``.
    package let loss: Double
    /// Mean cross-entropy of each modality's target tokens, by modality index; nil without any.
    package let modalityLoss: [Double?]
    /// Target tokens of each modality, by modality index.
    package let targetCounts: [Int]
    /// Input tokens of each modality, by modality index.
    package let inputCounts: [Int]

    package var targetTokens: Int { targetCounts.reduce(0, +) }
    package var inputTokens: Int { inputCounts.reduce(0, +) }
}
