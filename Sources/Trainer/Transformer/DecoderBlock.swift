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

        /// Each branch's output has had its input added in place.
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
        let count = rows * selfAttention.qkv.inputs
        let norm1 = norm1.forward(input, rows: rows, workspace)
        let selfAttention = selfAttention.forward(
            norm1.out, lengths: lengths, positions: positions, workspace)
        workspace.backend.add(selfAttention.out, input, count: count)
        let queryNorm = queryNorm.forward(selfAttention.out, rows: rows, workspace)
        let contextNorm = contextNorm.forward(context, rows: contextLengths.reduce(0, +), workspace)
        let crossAttention = crossAttention.forward(
            queryNorm.out, lengths: lengths, context: contextNorm.out, contextLengths: contextLengths, workspace)
        workspace.backend.add(crossAttention.out, selfAttention.out, count: count)
        let norm2 = norm2.forward(crossAttention.out, rows: rows, workspace)
        let mlp = mlp.forward(norm2.out, rows: rows, workspace)
        workspace.backend.add(mlp.out, crossAttention.out, count: count)
        return Saved(
            norm1: norm1, selfAttention: selfAttention, queryNorm: queryNorm, contextNorm: contextNorm,
            crossAttention: crossAttention, norm2: norm2, mlp: mlp)
    }

    /// In place: `gradient` of the block's output becomes that of its input; `contextGradient` is added to.
    func backward(
        _ gradient: Workspace.Buffer, _ saved: Saved, contextGradient: Workspace.Buffer, _ workspace: Workspace
    ) {
        workspace.arena.scratch {
            norm2.backward(mlp.backward(gradient, saved.mlp, workspace), saved.norm2, addingTo: gradient, workspace)
        }
        workspace.arena.scratch {
            let branches = crossAttention.backward(gradient, saved.crossAttention, workspace)
            contextNorm.backward(branches.context, saved.contextNorm, addingTo: contextGradient, workspace)
            queryNorm.backward(branches.input, saved.queryNorm, addingTo: gradient, workspace)
        }
        workspace.arena.scratch {
            let branch = selfAttention.backward(gradient, saved.selfAttention, workspace)
            norm1.backward(branch, saved.norm1, addingTo: gradient, workspace)
        }
    }
}
