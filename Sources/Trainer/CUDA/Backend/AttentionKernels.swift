/// The kernels for heads of up to some width, and the rows of their tiles.
struct AttentionKernels {
    let width: Int
    /// Multiplies by tensor cores, from operands rounded to bfloat16.
    var precision = Precision.float32
    let forward: Kernel
    let backwardQuery: Kernel
    let backwardKey: Kernel
    /// Rows of a block's tile, as the kernels are compiled.
    let forwardRows: Int
    let backwardRows: Int

    /// The kernels' ATTENTION_THREADS and TENSOR_THREADS.
    static let threads = 128

    static let all = [
        AttentionKernels(
            width: 32, forward: .attentionForward32, backwardQuery: .attentionBackwardQuery32,
            backwardKey: .attentionBackwardKey32, forwardRows: 32, backwardRows: 32),
        AttentionKernels(
            width: 64, forward: .attentionForward64, backwardQuery: .attentionBackwardQuery64,
            backwardKey: .attentionBackwardKey64, forwardRows: 32, backwardRows: 32),
        AttentionKernels(
            width: 128, forward: .attentionForward128, backwardQuery: .attentionBackwardQuery128,
            backwardKey: .attentionBackwardKey128, forwardRows: 32, backwardRows: 16),
        AttentionKernels(
            width: 32, precision: .bfloat16, forward: .attentionForwardBF16x32,
            backwardQuery: .attentionBackwardQueryBF16x32, backwardKey: .attentionBackwardKeyBF16x32,
            forwardRows: 64, backwardRows: 64),
        AttentionKernels(
            width: 64, precision: .bfloat16, forward: .attentionForwardBF16x64,
            backwardQuery: .attentionBackwardQueryBF16x64, backwardKey: .attentionBackwardKeyBF16x64,
            forwardRows: 64, backwardRows: 64),
        // The widest heads' gradients need more registers than there are: those in float32.
        AttentionKernels(
            width: 128, precision: .bfloat16, forward: .attentionForwardBF16x128,
            backwardQuery: .attentionBackwardQuery128, backwardKey: .attentionBackwardKey128,
            forwardRows: 64, backwardRows: 16),
    ]

    /// The narrowest that holds such a head; nil beyond the widest.
    static func fitting(headDim: Int, _ precision: Precision) -> AttentionKernels? {
        all.first { $0.width >= headDim && $0.precision == precision }
    }
}
