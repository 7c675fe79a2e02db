/// The kernels, by the names that they have in `Kernels/`.
package enum Kernel: String, CaseIterable, Sendable {
    case adamW = "adamw"
    case add
    case addRow = "add_row"
    case attentionBackwardKeyBF16x32 = "attention_backward_key_bf16_32"
    case attentionBackwardKeyBF16x64 = "attention_backward_key_bf16_64"
    case attentionBackwardQueryBF16x32 = "attention_backward_query_bf16_32"
    case attentionBackwardQueryBF16x64 = "attention_backward_query_bf16_64"
    case attentionForwardBF16x32 = "attention_forward_bf16_32"
    case attentionForwardBF16x64 = "attention_forward_bf16_64"
    case attentionForwardBF16x128 = "attention_forward_bf16_128"
    case attentionBackwardKey32 = "attention_backward_key_32"
    case attentionBackwardKey64 = "attention_backward_key_64"
    case attentionBackwardKey128 = "attention_backward_key_128"
    case attentionBackwardQuery32 = "attention_backward_query_32"
    case attentionBackwardQuery64 = "attention_backward_query_64"
    case attentionBackwardQuery128 = "attention_backward_query_128"
    case attentionForward32 = "attention_forward_32"
    case attentionForward64 = "attention_forward_64"
    case attentionForward128 = "attention_forward_128"
    case blend
    case columnSums = "column_sums"
    case crossEntropy = "cross_entropy"
    case fill
    case gatedSiLUBackward = "gated_silu_backward"
    case gatedSiLUForward = "gated_silu_forward"
    case gather
    case geluBackward = "gelu_backward"
    case geluForward = "gelu_forward"
    case layerNormBackward = "layer_norm_backward"
    case layerNormForward = "layer_norm_forward"
    case rootOfSums = "root_of_sums"
    case rotate
    case scatterAdd = "scatter_add"
    case squareSums = "square_sums"
    case toBFloat16 = "to_bfloat16"
}
