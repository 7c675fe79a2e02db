import Tensor

/// Every target token of a sample attends to all of that sample's encoded inputs.
///
/// As in the reference, `kv` is cut in keys and values first and then in heads. A sample without inputs attends to
/// nothing: its output is 0.
struct CrossAttention {
    let query: Linear
    let keyValue: Linear
    let projection: Linear
    let heads: Int

    struct Saved {
        let input: Workspace.Buffer
        let context: Workspace.Buffer
        let query: Workspace.Buffer
        let keyValue: Workspace.Buffer
        let mixed: Workspace.Buffer
        let out: Workspace.Buffer
        let shape: AttentionShape
        let rows: Int
        let contextRows: Int
    }

    private var dim: Int { query.inputs }
    private var headDim: Int { dim / heads }

    /// Its output is added to `residual`, if there is one.
    func forward(
        _ input: Workspace.Buffer, adding residual: Workspace.Buffer? = nil, lengths: [Int], context: Workspace.Buffer,
        contextLengths: [Int], _ workspace: Workspace
    ) -> Saved {
        let (rows, contextRows) = (lengths.reduce(0, +), contextLengths.reduce(0, +))
        let shape = AttentionShape(
            queryLengths: lengths, keyLengths: contextLengths, heads: heads, headDim: headDim)
        let query = query.forward(input, rows: rows, workspace)
        let keyValue = keyValue.forward(context, rows: contextRows, workspace)
        let mixed = workspace.activation(rows * dim)
        workspace.backend.attentionForward(shape, parts(query, keyValue), out: heads(mixed))
        let out = workspace.allocate(rows * dim)
        projection.forward(mixed, rows: rows, adding: residual, into: out, workspace)
        return Saved(
            input: input, context: context, query: query, keyValue: keyValue, mixed: mixed, out: out, shape: shape,
            rows: rows, contextRows: contextRows)
    }

    func backward(
        _ outGradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace
    ) -> (input: Workspace.Buffer, context: Workspace.Buffer) {
        let mixedGradient = projection.backward(outGradient, input: saved.mixed, rows: saved.rows, workspace)
        let queryGradient = workspace.activation(saved.rows * dim)
        let keyValueGradient = workspace.activation(saved.contextRows * 2 * dim)
        workspace.backend.attentionBackward(
            saved.shape, parts(saved.query, saved.keyValue), outGradient: heads(mixedGradient),
            gradients: parts(queryGradient, keyValueGradient))
        return (
            query.backward(queryGradient, input: saved.input, rows: saved.rows, workspace),
            keyValue.backward(keyValueGradient, input: saved.context, rows: saved.contextRows, workspace)
        )
    }

    private func parts(_ query: Workspace.Buffer, _ keyValue: Workspace.Buffer) -> AttentionTensors {
        AttentionTensors(
            query: heads(query),
            key: AttentionTensors.Part(keyValue, rowStride: 2 * dim, headStride: headDim),
            value: AttentionTensors.Part(keyValue + dim, rowStride: 2 * dim, headStride: headDim))
    }

    private func heads(_ rows: Workspace.Buffer) -> AttentionTensors.Part {
        AttentionTensors.Part(rows, rowStride: dim, headStride: headDim)
    }
}
