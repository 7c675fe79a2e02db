/// How a GPU computes. Weights, moments, the residual stream, norms, softmax, losses and every sum are float32.
package enum Precision: String, CaseIterable, Sendable {
    case float32
    /// Products by tensor cores, which read 10 bits of float32's fraction.
    case tf32
    /// Activations are kept in bfloat16, products are of bfloat16 by tensor cores.
    case bfloat16
    /// Activations are kept in float16, with a scaled loss: for cards before Ampere.
    case float16

    /// What activations are kept in.
    package var number: Number {
        switch self {
        case .float32, .tf32: .float32
        case .bfloat16: .bfloat16
        case .float16: .float16
        }
    }
}
