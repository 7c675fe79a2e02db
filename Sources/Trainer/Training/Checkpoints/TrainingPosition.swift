package import Dataset

/// How far a training is: together with the settings it decides everything that comes after.
package struct TrainingPosition: Codable, Sendable, Hashable {
    /// Steps done.
    package var step = 0
    /// The last step that was followed by an evaluation, so that none is lost or made twice.
    package var evaluatedStep: Int?
    /// What a curriculum decides by.
    package var masking: MaskingProgress?
    /// The loss of an evaluation after exactly these steps.
    package var evalLoss: Double?
    /// The best value so far of the metric that may end the run early.
    package var bestMetric: Double?
    /// Evaluations since that was found.
    package var evaluationsSinceBest: Int?

    package init(step: Int = 0, evaluatedStep: Int? = nil, evalLoss: Double? = nil) {
        self.step = step
        self.evaluatedStep = evaluatedStep
        self.evalLoss = evalLoss
    }

    /// Takes in a step's losses by modality.
    mutating func followMasking(_ losses: [Double?]) {
        var progress = masking ?? MaskingProgress()
        progress.add(losses)
        masking = progress
    }
}
