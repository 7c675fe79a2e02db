import Experiment
import SweepDefinition

/// The metrics that a sweep is about: one, a weighted sum, or several of which none counts more than another.
struct Objectives: Sendable {
    let list: [Objective]
    /// Nil where several metrics are compared by Pareto dominance.
    let weights: [Double]?

    init(list: [Objective], weights: [Double]?) {
        self.list = list
        self.weights = weights
    }

    init?(_ definition: Definition) {
        guard !definition.objectives.isEmpty else { return nil }
        list = definition.objectives
        weights =
            list.count == 1 || list.contains { $0.weight != nil } ? list.map { $0.weight ?? 1 } : nil
    }

    /// One number for each point, less is better: the weighted sum, or for Pareto pairs the augmented Tchebycheff norm
    /// with weights drawn by `generator`, which each time leads to another place of the front (Knowles, ParEGO, 2006).
    func scalars(_ losses: [[Double]], _ generator: inout SeededGenerator) -> [Double] {
        if let weights { return losses.map { zip(weights, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
        var shares = list.map { _ in generator.uniform() + 1e-9 }
        let total = shares.reduce(0, +)
        shares = shares.map { $0 / total }
        let bounds = list.indices.map { index in
            let values = losses.lazy.map { $0[index] }
            return (low: values.min() ?? 0, high: values.max() ?? 1)
        }
        return losses.map { point in
            let parts = point.indices.map { index in
                let (low, high) = bounds[index]
                return shares[index] * (high > low ? (point[index] / 2 - low / 2) / (high / 2 - low / 2) : 0)
            }
            return (parts.max() ?? 0) + 0.05 * parts.reduce(0, +)
        }
    }

    /// Indices of the best `count` points.
    func best(_ count: Int, of losses: [[Double]]) -> [Int] {
        guard let weights else { return ParetoFronts.best(count, of: losses) }
        let sums = losses.map { losses in
            let sum = zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1 }
            // Infinities of both signs.
            return sum.isNaN ? .infinity : sum
        }
        guard count > 0 else { return [] }
        // Few of many: kept in order as they come, the earlier of equals first.
        var best: [Int] = []
        for index in sums.indices where best.count < count || sums[index] < sums[best[best.count - 1]] {
            let place = best.firstIndex { sums[index] < sums[$0] } ?? best.count
            if best.count == count { best.removeLast() }
            best.insert(index, at: place)
        }
        return best
    }

    var haveTarget: Bool { list.contains { $0.target != nil } }

    /// Every metric that has a target has reached it in one run.
    func isReached(by run: PastRun) -> Bool {
        var hasTarget = false
        for (index, objective) in list.enumerated() {
            guard let target = objective.target else { continue }
            hasTarget = true
            guard let value = run.range(index).best(objective.goal),
                objective.goal == .minimize ? value <= target : value >= target
            else { return false }
        }
        return hasTarget
    }
}
