/// The numbers of one AdamW step.
package struct AdamWStep {
    package let beta1: Float
    package let beta2: Float
    package let epsilon: Float
    /// 1 - learning rate * weight decay
    package let decay: Float
    /// learning rate / (1 - beta1^t)
    package let stepSize: Float
    /// 1 / √(1 - beta2^t)
    package let denominatorScale: Float
    /// Gradients are multiplied by this as they are read: clipping.
    package let gradientScale: Float
    /// The backend has decided on clipping, and whether the step is taken: ``Backend/decideStep(_:count:clipNorm:)``.
    package let isDecided: Bool

    package init(
        beta1: Float, beta2: Float, epsilon: Float, decay: Float, stepSize: Float, denominatorScale: Float,
        gradientScale: Float, isDecided: Bool = false
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
        self.stepSize = stepSize
        self.denominatorScale = denominatorScale
        self.gradientScale = gradientScale
        self.isDecided = isDecided
    }
}
