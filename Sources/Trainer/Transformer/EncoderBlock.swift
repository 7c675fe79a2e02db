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

        /// Each branch's output has its input added.
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
        let norm1 = norm1.forward(input, rows: rows, workspace)
        let attention = attention.forward(
            norm1.out, adding: input, lengths: lengths, positions: positions, workspace)
        let norm2 = norm2.forward(attention.out, rows: rows, workspace)
        let mlp = mlp.forward(norm2.out, adding: attention.out, rows: rows, workspace)
        return Saved(norm1: norm1, attention: attention, norm2: norm2, mlp: mlp)
    }

    /// In place: `gradient` of the block's output becomes that of its input.
    func backward(_ gradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) {
        let count = saved.mlp.rows * attention.qkv.inputs
        workspace.scratch {
            let branch = mlp.backward(workspace.asActivation(gradient, count), saved.mlp, workspace)
            norm2.backward(branch, saved.norm2, addingTo: gradient, workspace)
        }
        workspace.scratch {
            let branch = attention.backward(workspace.asActivation(gradient, count), saved.attention, workspace)
            norm1.backward(branch, saved.norm1, addingTo: gradient, workspace)
        }
    }
}
