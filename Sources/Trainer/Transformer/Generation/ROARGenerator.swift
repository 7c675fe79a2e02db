package import Tensor

/// Random-order autoregressive generation of one modality, given tokens of others.
///
/// A random permutation of the target's positions is cut in groups, in the usual schedule of equal size with the
/// remainder in the last. Each step decodes one group from the present encoder input, samples its tokens and adds them
/// to that input. Only ids of the target's own vocabulary are drawn, though logits exist for the largest vocabulary.
package struct ROARGenerator: TokenGenerator, Hashable {
    package let plan: DecodingPlan

    package init(_ plan: DecodingPlan) { self.plan = plan }

    package init(target: Int, length: Int, steps: Int, sampler: Sampler) throws(TransformerError) {
        plan = try DecodingPlan(target: target, length: length, steps: steps, sampler: sampler)
    }

    /// The order that a clip is decoded in, cut into its groups. The generator it draws from is the one that the clip's
    /// tokens are drawn from afterwards.
    package func groups(using generator: inout Xoshiro256) -> [[Int32]] {
        (0..<Int32(plan.length)).shuffled(using: &generator).cut(plan.sizes)
    }

    package func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64, streams: [Int]
    ) throws(TransformerError) -> [[Int32]] {
        try generateInGroups(model, conditions: conditions, seed: seed, streams: streams)
    }
}
