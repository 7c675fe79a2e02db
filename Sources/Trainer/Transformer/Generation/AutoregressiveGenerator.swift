package import Tensor

/// Decodes positions in rising order, or in the order of a layout's steps: with the delay pattern a step has one token of
/// each codebook, each after the coarser ones of its frame.
package struct AutoregressiveGenerator: TokenGenerator, Hashable {
    package let plan: DecodingPlan
    /// Positions that may be decoded together, in order; together all.
    private let units: [[Int32]]

    package init(_ plan: DecodingPlan, units: [[Int32]]? = nil) throws(TransformerError) {
        self.plan = plan
        self.units = units ?? (0..<Int32(plan.length)).map { [$0] }
        guard self.units.joined().sorted() == Array(0..<Int32(plan.length)), !self.units.contains([]) else {
            throw TransformerError(.invalidSampling, "the steps of a layout must have each of its positions once")
        }
    }

    package func groups(using generator: inout Xoshiro256) -> [[Int32]] {
        var start = 0
        return plan.schedule.sizes(length: units.count, steps: plan.steps).map { size in
            defer { start += size }
            return Array(units[start..<start + size].joined())
        }
    }

    package func generate(
        _ model: Nano4M, conditions: [TokenSequence], seed: UInt64, streams: [Int]
    ) throws(TransformerError) -> [[Int32]] {
        try generateInGroups(model, conditions: conditions, seed: seed, streams: streams)
    }
}
