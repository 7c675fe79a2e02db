/// What may differ from the reference's usual model. Each is off by default, and then costs nothing.
package struct Nano4MOptions: Sendable, Hashable {
    /// Biases of all linear layers but the head's, and of the norms: the reference's `use_bias`.
    package var useBias = false
    /// False gives each modality token ids of its own: the table and the logits have the sum of all vocabularies.
    package var overlapVocabularies = true
    /// False gives each modality positions of its own.
    package var overlapPositions = true
    package var feedForward = FeedForwardKind.gelu
    /// Turns queries and keys of self-attention by their positions, besides the position table.
    package var rotary = false
    /// Adds this much of each target token's squared log-sum-exp to the loss, which keeps logits from drifting.
    package var zLoss = 0.0

    package init() {}
}

/// What is between the two linear layers of a block's feed-forward part.
package enum FeedForwardKind: String, Sendable, Hashable, CaseIterable {
    case gelu
    /// silu(gate) * value, with two thirds of the hidden units so that the parameters stay about as many.
    case swiglu
}
