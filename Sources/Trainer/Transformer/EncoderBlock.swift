import Tensor

/// x += attention(norm1(x)); x += mlp(norm2(x))
struct EncoderBlock {
    let norm1: LayerNorm
    let attention: SelfAttention
    let norm2: LayerNorm
    let mlp: FeedForward

    struct Saved {
        let norm1: LayerNorm.Saved
        let attention: SelfAttention.Saved
        let norm2: LayerNorm.Saved
        let mlp: FeedForward.Saved

        /// Each branch's output has had its input added in place.
        var out: Workspace.Buffer { mlp.out }
    }

    init(_ parameters: ParameterArena, prefix: String, _ configuration: Nano4MConfiguration, _ rotation: Rotation?) {
        func linear(_ name: String) -> Linear { parameters.linear("\(prefix).\(name)") }
        func norm(_ name: String) -> LayerNorm { parameters.norm("\(prefix).\(name)") }
        norm1 = norm("norm1")
        attention = SelfAttention(
            qkv: linear("attn.qkv"), projection: linear("attn.attn_out_proj"), heads: configuration.heads,
            rotation: rotation)
        norm2 = norm("norm2")
        mlp = FeedForward(
            expand: linear("mlp.ff.0"), contract: linear("mlp.ff.2"), kind: configuration.options.feedForward)
    }

    func forward(
        _ input: Workspace.Buffer, lengths: [Int], positions: [Int32], _ workspace: Workspace
    ) -> Saved {
        let rows = lengths.reduce(0, +)
        let count = rows * attention.qkv.inputs
        let norm1 = norm1.forward(input, rows: rows, workspace)
        let attention = attention.forward(norm1.out, lengths: lengths, positions: positions, workspace)
        workspace.backend.add(attention.out, input, count: count)
        let norm2 = norm2.forward(attention.out, rows: rows, workspace)
        let mlp = mlp.forward(norm2.out, rows: rows, workspace)
        workspace.backend.add(mlp.out, attention.out, count: count)
        return Saved(norm1: norm1, attention: attention, norm2: norm2, mlp: mlp)
    }

    /// In place: `gradient` of the block's output becomes that of its input.
    func backward(_ gradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) {
        workspace.arena.scratch {
            norm2.backward(mlp.backward(gradient, saved.mlp, workspace), saved.norm2, addingTo: gradient, workspace)
        }
        workspace.arena.scratch {
            let branch = attention.backward(gradient, saved.attention, workspace)
            norm1.backward(branch, saved.norm1, addingTo: gradient, workspace)
        }
    }
}
