/// The kernels for heads of up to some width, and the rows of their tiles.
struct AttentionKernels {
    let forward: Kernel
    let backwardQuery: Kernel
    let backwardKey: Kernel
    /// Rows of a block's tile, as the kernels are compiled.
    let forwardRows: Int
    let backwardRows: Int

    static let widths = [32, 64, 128]
    /// The kernels' ATTENTION_THREADS and TENSOR_THREADS.
    static let threads = 128

    /// The narrowest that hold such a head; nil beyond the widest.
    init?(headDim: Int, _ number: Number) {
        guard let width = AttentionKernels.widths.first(where: { $0 >= headDim }) else { return nil }
        forward = .attentionForward(number, width)
        backwardQuery = .attentionBackwardQuery(number, width)
        backwardKey = .attentionBackwardKey(number, width)
        // Of bfloat16 by tensor cores. The widest heads' gradients would need more registers than there are.
        forwardRows = number == .bfloat16 ? 64 : 32
        backwardRows = width == 128 ? 16 : number == .bfloat16 ? 64 : 32
    }
}
