import Tensor

/// x += selfAttention(norm1(x)); x += crossAttention(queryNorm(x), contextNorm(context)); x += mlp(norm2(x))
struct DecoderBlock {
    let norm1: LayerNorm
    let selfAttention: SelfAttention
    let queryNorm: LayerNorm
    let contextNorm: LayerNorm
    let crossAttention: CrossAttention
    let norm2: LayerNorm
    let mlp: FeedForward

    struct Saved {
        let norm1: LayerNorm.Saved
        let selfAttention: SelfAttention.Saved
        let queryNorm: LayerNorm.Saved
        let contextNorm: LayerNorm.Saved
        let crossAttention: CrossAttention.Saved
        let norm2: LayerNorm.Saved
        let mlp: FeedForward.Saved

        /// Each branch's output has its input added.
        var out: Workspace.Buffer { mlp.out }
    }

    init(_ parameters: ParameterArena, prefix: String, _ configuration: Nano4MConfiguration, _ rotation: Rotation?) {
        func linear(_ name: String) -> Linear { parameters.linear("\(prefix).\(name)") }
        func norm(_ name: String) -> LayerNorm { parameters.norm("\(prefix).\(name)") }
        let heads = configuration.heads
        norm1 = norm("norm1")
        selfAttention = SelfAttention(
            qkv: linear("self_attn.qkv"), projection: linear("self_attn.attn_out_proj"), heads: heads,
            rotation: rotation)
        queryNorm = norm("query_norm")
        contextNorm = norm("context_norm")
        crossAttention = CrossAttention(
            query: linear("cross_attn.q"), keyValue: linear("cross_attn.kv"),
            projection: linear("cross_attn.attn_out_proj"), heads: heads)
        norm2 = norm("norm2")
        mlp = FeedForward(
            expand: linear("mlp.ff.0"), contract: linear("mlp.ff.2"), kind: configuration.options.feedForward)
    }

    func forward(
        _ input: Workspace.Buffer, lengths: [Int], positions: [Int32], context: Workspace.Buffer,
        contextLengths: [Int], _ workspace: Workspace
    ) -> Saved {
        let rows = lengths.reduce(0, +)
        let norm1 = norm1.forward(input, rows: rows, workspace)
        let selfAttention = selfAttention.forward(
            norm1.out, adding: input, lengths: lengths, positions: positions, workspace)
        let queryNorm = queryNorm.forward(selfAttention.out, rows: rows, workspace)
        let contextNorm = contextNorm.forward(context, rows: contextLengths.reduce(0, +), workspace)
        let crossAttention = crossAttention.forward(
            queryNorm.out, adding: selfAttention.out, lengths: lengths, context: contextNorm.out,
            contextLengths: contextLengths, workspace)
        let norm2 = norm2.forward(crossAttention.out, rows: rows, workspace)
        let mlp = mlp.forward(norm2.out, adding: crossAttention.out, rows: rows, workspace)
        return Saved(
            norm1: norm1, selfAttention: selfAttention, queryNorm: queryNorm, contextNorm: contextNorm,
            crossAttention: crossAttention, norm2: norm2, mlp: mlp)
    }

    /// In place: `gradient` of the block's output becomes that of its input; `contextGradient` is added to.
    func backward(
        _ gradient: Workspace.Buffer, _ saved: Saved, contextGradient: Workspace.Buffer, _ workspace: Workspace
    ) {
        let count = saved.mlp.rows * selfAttention.qkv.inputs
        workspace.scratch {
            let branch = mlp.backward(workspace.asActivation(gradient, count), saved.mlp, workspace)
            norm2.backward(branch, saved.norm2, addingTo: gradient, workspace)
        }
        workspace.scratch {
            let branches = crossAttention.backward(
                workspace.asActivation(gradient, count), saved.crossAttention, workspace)
            contextNorm.backward(branches.context, saved.contextNorm, addingTo: contextGradient, workspace)
            queryNorm.backward(branches.input, saved.queryNorm, addingTo: gradient, workspace)
        }
        workspace.scratch {
            let branch = selfAttention.backward(
                workspace.asActivation(gradient, count), saved.selfAttention, workspace)
            norm1.backward(branch, saved.norm1, addingTo: gradient, workspace)
        }
    }
}
