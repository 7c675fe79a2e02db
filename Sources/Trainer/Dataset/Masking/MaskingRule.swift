/// A masking strategy's part that says how the tokens of a sample are divided among modalities.
protocol MaskingRule: Sendable {
    /// How one sample's inputs and targets are divided. `progress` is the training's, for rules that follow it.
    func choose(
        _ progress: MaskingProgress?, using generator: inout some RandomNumberGenerator
    ) -> (inputs: TokenBudget, targets: TokenBudget)
}
