import Tensor

/// Every token of a sample attends to all of that sample's tokens.
///
/// One product gives queries, keys and values. As in the reference its output is cut in heads first and then in the
/// three: [heads, 3 * headDim].
struct SelfAttention {
    let qkv: Linear
    let projection: Linear
    let heads: Int
    /// Turns queries and keys by their positions; nil in most models.
    let rotation: Rotation?

    init(qkv: Linear, projection: Linear, heads: Int, rotation: Rotation? = nil) {
        self.qkv = qkv
        self.projection = projection
        self.heads = heads
        self.rotation = rotation
    }

    struct Saved {
        let input: Workspace.Buffer
        let qkv: Workspace.Buffer
        let mixed: Workspace.Buffer
        let out: Workspace.Buffer
        let shape: AttentionShape
        let rows: Int
        let positions: [Int32]
    }

    private var dim: Int { qkv.inputs }
    private var headDim: Int { dim / heads }

    /// Its output is added to `residual`, if there is one. `positions` are the rows'; only a rotation reads them.
    func forward(
        _ input: Workspace.Buffer, adding residual: Workspace.Buffer? = nil, lengths: [Int], positions: [Int32],
        _ workspace: Workspace
    ) -> Saved {
        let rows = lengths.reduce(0, +)
        let shape = AttentionShape(queryLengths: lengths, keyLengths: lengths, heads: heads, headDim: headDim)
        let qkv = qkv.forward(input, rows: rows, workspace)
        rotate(qkv, positions, back: false, workspace)
        let mixed = workspace.activation(rows * dim)
        workspace.backend.attentionForward(shape, parts(qkv), out: heads(mixed))
        let out = workspace.allocate(rows * dim)
        projection.forward(mixed, rows: rows, adding: residual, into: out, workspace)
        return Saved(input: input, qkv: qkv, mixed: mixed, out: out, shape: shape, rows: rows, positions: positions)
    }

    /// Returns the input's gradient.
    func backward(_ outGradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) -> Workspace.Buffer {
        let mixedGradient = projection.backward(outGradient, input: saved.mixed, rows: saved.rows, workspace)
        let qkvGradient = workspace.activation(saved.rows * 3 * dim)
        workspace.backend.attentionBackward(
            saved.shape, parts(saved.qkv), outGradient: heads(mixedGradient), gradients: parts(qkvGradient))
        rotate(qkvGradient, saved.positions, back: true, workspace)
        return qkv.backward(qkvGradient, input: saved.input, rows: saved.rows, workspace)
    }

    /// Queries and keys in place; turning gradients back is the derivative of turning.
    private func rotate(_ qkv: Workspace.Buffer, _ positions: [Int32], back: Bool, _ workspace: Workspace) {
        guard let rotation else { return }
        let parts = parts(qkv)
        for part in [parts.query, parts.key] {
            workspace.backend.rotate(part, rotation, positions: positions, heads: heads, back: back)
        }
    }

    private func parts(_ qkv: Workspace.Buffer) -> AttentionTensors {
        func part(_ index: Int) -> AttentionTensors.Part {
            AttentionTensors.Part(qkv + index * headDim, rowStride: 3 * dim, headStride: 3 * headDim)
        }
        return AttentionTensors(query: part(0), key: part(1), value: part(2))
    }

    private func heads(_ rows: Workspace.Buffer) -> AttentionTensors.Part {
        AttentionTensors.Part(rows, rowStride: dim, headStride: headDim)
    }
}
