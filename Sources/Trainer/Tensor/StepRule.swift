/// What a device decides an optimizer's step by.
package struct StepRule {
    /// Gradient norm above which gradients are scaled down; 0: never.
    package let clipNorm: Double
    package let learningRate: Double
    package let beta1: Double
    package let beta2: Double
    /// By ``LossScaler``'s rule: gradients that overflow lower the scale of the loss, and only that step is left out.
    package let scalesLoss: Bool

    package init(clipNorm: Double, learningRate: Double, beta1: Double, beta2: Double, scalesLoss: Bool) {
        self.clipNorm = clipNorm
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.scalesLoss = scalesLoss
    }
}
