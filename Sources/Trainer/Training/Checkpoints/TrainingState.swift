package import Transformer

/// Everything that training changes.
package struct TrainingState {
    package let model: Nano4M
    package let optimizer: AdamWOptimizer
    package let average: WeightAverage?

    package init(model: Nano4M, optimizer: AdamWOptimizer, average: WeightAverage? = nil) {
        self.model = model
        self.optimizer = optimizer
        self.average = average
    }

    /// What tells the optimizer's state apart from another's of the same shape.
    var metadata: [String: String] {
        [
            "optimizer": optimizer.settings.muon == nil ? "adamw" : "muon",
            "ema": average == nil ? "off" : "on",
        ]
    }

    /// Runs `body` while the model has the weights that are to be judged: the averaged ones, if there are any.
    func withJudgedWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let average else { return try body() }
        return try average.withAveragedWeights(body)
    }
}
