/// How products are computed on a GPU. Everything else, and every sum, is float32.
package enum Precision: String, CaseIterable, Sendable {
    case float32
    /// Operands are rounded to bfloat16 and multiplied by tensor cores, sums are float32, and so are results.
    case bfloat16
}
