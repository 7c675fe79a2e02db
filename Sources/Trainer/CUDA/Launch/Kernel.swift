/// The kernels, by the names that they have in `Kernels/`.
package struct Kernel: Hashable, Sendable {
    package let name: String

    private init(_ name: String) { self.name = name }

    /// The one for this kind of activations.
    private init(_ name: String, _ number: Number, width: Int? = nil) {
        self.name = [name, number.rawValue, width.map { "\($0)" } ?? ""].filter { !$0.isEmpty }.joined(separator: "_")
    }

    static let adamW = Kernel("adamw")
    static let add = Kernel("add")
    static let blend = Kernel("blend")
    static let combine = Kernel("combine")
    static let decideStep = Kernel("decide_step")
    static let exchange = Kernel("exchange")
    static let fill = Kernel("fill")
    static let gather = Kernel("gather")
    static let normalize = Kernel("normalize")
    static let rootOfSums = Kernel("root_of_sums")
    static let scatterAdd = Kernel("scatter_add")
    static let squareSums = Kernel("square_sums")

    static func addRow(_ number: Number) -> Kernel { Kernel("add_row", number) }
    static func columnSums(_ number: Number) -> Kernel { Kernel("column_sums", number) }
    static func crossEntropy(_ number: Number) -> Kernel { Kernel("cross_entropy", number) }
    static func drawTokens(_ number: Number) -> Kernel { Kernel("draw_tokens", number) }
    static func gatedSiLUBackward(_ number: Number) -> Kernel { Kernel("gated_silu_backward", number) }
    static func gatedSiLUForward(_ number: Number) -> Kernel { Kernel("gated_silu_forward", number) }
    static func geluBackward(_ number: Number) -> Kernel { Kernel("gelu_backward", number) }
    static func geluForward(_ number: Number) -> Kernel { Kernel("gelu_forward", number) }
    static func layerNormBackward(_ number: Number) -> Kernel { Kernel("layer_norm_backward", number) }
    static func layerNormForward(_ number: Number) -> Kernel { Kernel("layer_norm_forward", number) }
    static func rotate(_ number: Number) -> Kernel { Kernel("rotate", number) }
    /// There is none to float32.
    static func round(_ number: Number) -> Kernel { Kernel("round", number) }

    static func attentionForward(_ number: Number, _ width: Int) -> Kernel {
        Kernel("attention_forward", number, width: width)
    }
    static func attentionBackwardQuery(_ number: Number, _ width: Int) -> Kernel {
        Kernel("attention_backward_query", number, width: width)
    }
    static func attentionBackwardKey(_ number: Number, _ width: Int) -> Kernel {
        Kernel("attention_backward_key", number, width: width)
    }

    package static let all: [Kernel] = Number.allCases.reduce(into: plain) { all, number in
        all += families.map { family in family(number) }
        for width in AttentionKernels.widths {
            all.append(attentionForward(number, width))
            all.append(attentionBackwardQuery(number, width))
            all.append(attentionBackwardKey(number, width))
        }
    }

    private static let plain: [Kernel] = [
        adamW, add, blend, combine, decideStep, exchange, fill, gather, normalize, rootOfSums, scatterAdd, squareSums,
        round(.bfloat16), round(.float16),
    ]

    private static let families: [@Sendable (Number) -> Kernel] = [
        addRow, columnSums, crossEntropy, drawTokens, gatedSiLUBackward, gatedSiLUForward, geluBackward, geluForward,
        layerNormBackward, layerNormForward, rotate,
    ]
}
