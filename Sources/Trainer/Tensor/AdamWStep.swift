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
    /// Where the backend has decided on the three above, which then do not count, and on whether the step is taken:
    /// ``Backend/decideStep(_:gradients:count:rule:)``.
    package let control: StepControl?

    package init(
        beta1: Float, beta2: Float, epsilon: Float, decay: Float, stepSize: Float, denominatorScale: Float,
        gradientScale: Float
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
        self.stepSize = stepSize
        self.denominatorScale = denominatorScale
        self.gradientScale = gradientScale
        control = nil
    }

    /// A step that `control` decides.
    package init(beta1: Float, beta2: Float, epsilon: Float, decay: Float, control: StepControl) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
        (stepSize, denominatorScale, gradientScale) = (0, 0, 0)
        self.control = control
    }
}
