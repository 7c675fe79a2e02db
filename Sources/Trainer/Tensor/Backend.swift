/// The building blocks that operators are made of. All matrices are row-major, of float32 or of what the backend keeps
/// activations in; `pointer + i` names the i-th element either way.
///
/// Operators pass pointers on and never look behind them; the memory is a ``FloatStorage``'s or an ``Arena``'s, made with
/// one of the backend's memories. Work may still be under way when a method returns; what gives a value has waited for
/// it. Parameters, statistics, norms' inputs and what embeddings are added to are float32; what products, attention,
/// activations and norms give may lie in ``activationMemory``.
package protocol Backend: AnyObject {
    typealias Buffer = UnsafeMutablePointer<Float>

    /// Where parameters must lie, which the host reads and writes too; nil: anywhere on the host.
    var memory: (any FloatMemory)? { get }
    /// Where a step's float32 buffers may lie; out of the host's reach unless nil.
    var stepMemory: (any FloatMemory)? { get }
    /// Where activations may lie, perhaps in fewer bits; out of the host's reach unless nil.
    var activationMemory: (any FloatMemory)? { get }
    /// Whether work goes on after methods return, so that asking for values late is worth it.
    var isAsynchronous: Bool { get }
    /// Whether gradients may leave the range of activations unless the loss is scaled: float16.
    var needsLossScaling: Bool { get }
    /// Waits, and gives the host the values of a buffer in any memory while `body` runs.
    func withValues<Result>(
        of buffer: Buffer, count: Int, _ body: (UnsafeBufferPointer<Float>) -> Result
    ) -> Result
    /// The values as they are once the work asked for so far is done, without waiting for them now.
    func reading(_ buffer: Buffer, count: Int) -> Pending<[Float]>
    /// Where a float32 buffer lies for whoever else works on the backend's device, such as sums over ranks, and what they
    /// do comes after all that was asked for so far; nil where something has failed.
    func place(of buffer: Buffer) -> Buffer?
    /// A pass begins, in which products read these weights.
    func beginPass(weights: Buffer, count: Int)
    /// Does what `body` asks for in one piece where that is faster: a whole step, which is begun when this returns. What
    /// it makes pending must be asked for after that.
    func asStep<Result>(_ body: () throws -> Result) rethrows -> Result
    /// Whether batches had better have numbers of rows that come again: ``RowBuckets``.
    var fillsBatches: Bool { get }
    /// Waits until all work is done: before the host reads what was computed, or writes what is still read.
    func finish()
    /// What went wrong first. From then on nothing is computed.
    var failure: TensorError? { get }
    /// Floats of logits to hold at once. Smaller chunks add to the weight's gradient, as large as the weight, more often.
    var logitsAtOnce: Int { get }

    /// C = alpha * op(A) * op(B) + beta * C.
    func multiply(_ product: MatrixProduct)
    /// The product, whose beta is 0, plus `bias` in each row, plus `residual`, laid out as C is.
    func multiply(_ product: MatrixProduct, bias: Buffer?, adding residual: Buffer?)

    /// Attention of every (sample, head): out = softmax(q kᵀ / √headDim) v. Rows without keys become 0.
    func attentionForward(_ shape: AttentionShape, _ tensors: AttentionTensors, out: AttentionTensors.Part)
    /// Writes (not adds) the gradients of q, k and v, laid out as these are.
    func attentionBackward(
        _ shape: AttentionShape, _ tensors: AttentionTensors, outGradient: AttentionTensors.Part,
        gradients: AttentionTensors)

    /// Normalises `rows` rows of `dim`; keeps each row's mean and inverse deviation.
    func layerNormForward(
        out: Buffer, mean: Buffer, inverseDeviation: Buffer, input: Buffer, weight: Buffer, rows: Int, dim: Int)
    /// Adds to `inputGradient` and `weightGradient`.
    func layerNormBackward(
        inputGradient: Buffer, weightGradient: Buffer, outGradient: Buffer, input: Buffer, mean: Buffer,
        inverseDeviation: Buffer, weight: Buffer, rows: Int, dim: Int)

    /// The product plus `bias` in each row, and GELU of that laid out as C is.
    func multiplyGELU(_ product: MatrixProduct, bias: Buffer?, activated: Buffer)
    /// In place: `gradient` of the output becomes that of the input, and `input` becomes GELU's output, so that it need
    /// not be kept.
    func geluBackward(gradient: Buffer, input: Buffer, count: Int)

    /// `out += input`
    func add(_ out: Buffer, _ input: Buffer, count: Int)
    func fill(_ out: Buffer, with value: Float, count: Int)

    /// `out[row] = table[indices[row]]`, or `+=` if `accumulate`.
    func gather(out: Buffer, table: Buffer, indices: [Int32], dim: Int, accumulate: Bool)
    /// `table[indices[row]] += input[row]`
    func scatterAdd(table: Buffer, input: Buffer, indices: [Int32], dim: Int)

    /// Cross-entropy of each row; logits become `scale[row]` times the gradient of that row's loss.
    func crossEntropy(logits: Buffer, targets: ArraySlice<Int32>, scale: ArraySlice<Float>, columns: Int) -> [Float]

    /// The same for many rows without waiting: losses, and `zLoss` times each row's squared log-sum-exp, of which logits
    /// become the gradient too. `penalties` nil: no penalty.
    func crossEntropy(_ rows: CrossEntropyRows, losses: Buffer, penalties: Buffer?)

    /// A token of each row of logits; nil where the host shall draw from the logits itself.
    func draw(_ draws: TokenDraws, logits: Buffer) -> [DrawnToken]?

    /// Decides on the device, in `control`, on the numbers of a step, whether it is taken, and what the next loss is
    /// multiplied by; gives the gradients' norm as it is. Nil where the host shall decide.
    func decideStep(
        _ control: StepControl, gradients: Buffer, count: Int, rule: StepRule
    ) -> Pending<Double>?

    /// Euclidean norm, summed in double precision.
    func norm(_ values: Buffer, count: Int) -> Double
    /// Of a table's gradients, without reading those that are known to be 0.
    func norm(_ gradients: Buffer, table: TableRows) -> Double
    func adamW(_ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, count: Int)
    /// The same numbers for a whole table, without reading the gradients and moments that are known to be 0.
    func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, table: TableRows)

    /// `out = own * out + other * input`; without reading `out` if `own` is 0. With a `control` nothing is changed
    /// in a step that is not taken, and if `clips` its clipping counts too.
    func combine(
        _ out: Buffer, own: Float, with input: Buffer, other: Float, count: Int, control: StepControl?, clips: Bool)
    /// `out = input`, which may lie in another memory and so be rounded.
    func copy(_ out: Buffer, from input: Buffer, count: Int)
    /// `out = input / (norm of input + epsilon)`
    func normalize(_ out: Buffer, _ input: Buffer, epsilon: Float, count: Int)
    func exchange(_ left: Buffer, _ right: Buffer, count: Int)

    // What options need; a model without them never calls these.

    /// Adds one row to each of `rows`: a bias.
    func addRow(_ out: Buffer, _ row: Buffer, rows: Int, dim: Int)
    /// `out[column] += Σ input[row][column]`: a bias's gradient.
    func addColumnSums(_ out: Buffer, of input: Buffer, rows: Int, dim: Int)
    /// Each row of `input` is a gate and a value of `half` elements each: out = silu(gate) * value.
    func gatedSiLUForward(out: Buffer, input: Buffer, rows: Int, half: Int)
    func gatedSiLUBackward(inputGradient: Buffer, outGradient: Buffer, input: Buffer, rows: Int, half: Int)
    /// Turns every head's vectors by the angles of their rows' positions, or back.
    func rotate(_ part: AttentionTensors.Part, _ rotation: Rotation, positions: [Int32], heads: Int, back: Bool)
    /// `out += share * (input - out)`
    func blend(_ out: Buffer, with input: Buffer, share: Float, count: Int)
}

/// A backend that computes at once, in the host's memory.
extension Backend {
    package var memory: (any FloatMemory)? { nil }
    package var stepMemory: (any FloatMemory)? { memory }
    package var activationMemory: (any FloatMemory)? { memory }
    package var isAsynchronous: Bool { false }
    package var needsLossScaling: Bool { false }
    package func place(of buffer: Buffer) -> Buffer? { buffer }
    package func beginPass(weights: Buffer, count: Int) {}
    package func asStep<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }
    package var fillsBatches: Bool { false }
    package func draw(_ draws: TokenDraws, logits: Buffer) -> [DrawnToken]? { nil }
    package func decideStep(
        _ control: StepControl, gradients: Buffer, count: Int, rule: StepRule
    ) -> Pending<Double>? { nil }
    package func finish() {}
    package var failure: TensorError? { nil }
    /// 64 MiB.
    package var logitsAtOnce: Int { 1 << 24 }
}

/// As if tables were any other arrays.
extension Backend {
    package func norm(_ gradients: Buffer, table: TableRows) -> Double {
        norm(gradients, count: table.count * table.dim)
    }

    package func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, table: TableRows
    ) {
        adamW(
            step, values: values, gradients: gradients, first: first, second: second, count: table.count * table.dim)
    }
}
