/// Logits, row by row, and what each row should have said.
package struct CrossEntropyRows {
    /// They become `scale` times the gradient.
    package let logits: UnsafeMutablePointer<Float>
    package let targets: ArraySlice<Int32>
    /// What each row's loss counts.
    package let scale: ArraySlice<Float>
    /// What all of them count besides in the gradient: the scale of the loss, which a device decides. Nil: 1.
    package let lossScale: UnsafeMutablePointer<Float>?
    package let columns: Int
    /// What each row's squared log-sum-exp counts beside its cross-entropy.
    package let zLoss: Float

    package init(
        logits: UnsafeMutablePointer<Float>, targets: ArraySlice<Int32>, scale: ArraySlice<Float>, columns: Int,
        zLoss: Float = 0, lossScale: UnsafeMutablePointer<Float>? = nil
    ) {
        self.logits = logits
        self.targets = targets
        self.scale = scale
        self.columns = columns
        self.zLoss = zLoss
        self.lossScale = lossScale
    }
}
