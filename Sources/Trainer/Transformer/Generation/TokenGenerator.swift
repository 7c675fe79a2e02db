package import Tensor

/// A way to sample one modality, given tokens of others.
package protocol TokenGenerator: Sendable {
    var plan: DecodingPlan { get }

    /// The groups of positions that a clip would be decoded in; the likelihood of true tokens is taken in this order.
    func groups(using generator: inout Xoshiro256) -> [[Int32]]

    /// Tokens of each clip by position, given what each clip's encoder is shown; `streams` are the numbers of the clips'
    /// random streams.
    func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64, streams: [Int]
    ) throws(TransformerError) -> [[Int32]]
}

extension TokenGenerator {
    package func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64
    ) throws(TransformerError) -> [[Int32]] {
        try generate(model, conditions: conditions, seed: seed, streams: Array(conditions.indices))
    }

    /// The random numbers of one clip: the same whatever other clips are generated with it.
    package static func generator(seed: UInt64, clip: Int) -> Xoshiro256 {
        var base = Xoshiro256(seed: seed)
        return Xoshiro256(seed: base.next() &+ UInt64(truncatingIfNeeded: clip))
    }

    /// Decodes in ``groups(using:)``.
    func generateInGroups(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64, streams: [Int]
    ) throws(TransformerError) -> [[Int32]] {
        try plan.check(model)
        var generators = streams.map { Self.generator(seed: seed, clip: $0) }
        let groups = generators.indices.map { self.groups(using: &generators[$0]) }
        return try plan.decode(model, conditions: conditions, groups: groups, generators: &generators)
    }
}

extension [Int32] {
    /// Cut into groups of these sizes.
    func cut(_ sizes: [Int]) -> [[Int32]] {
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return Array(self[start..<start + size])
        }
    }
}
