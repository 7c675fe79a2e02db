package import Experiment
package import SweepDefinition

/// Draws the configurations of a sweep one by one, by W&B's rules. Pure: the same definition, runs and seed give the
/// same configuration.
package struct SweepSearcher: Sendable {
    package let definition: Definition
    /// How many runs there will be; nil where the search never ends by itself.
    package let expectedRuns: Int?
    private let grid: GridSearch?
    private let space: SearchSpace

    /// Throws `SweepDefinitionError` for what this search cannot do, as a grid over a normal distribution.
    package init(_ definition: Definition) throws {
        self.definition = definition
        space = SearchSpace(definition.parameters, definition.constraints)
        grid = definition.method == .grid ? try GridSearch(definition) : nil
        if definition.method == .bayes, space.searched.isEmpty {
            throw SweepDefinitionError(
                .invalidValue, at: definition.parametersPosition,
                "every parameter has one value only, so there is nothing to search; give one 'values' or bounds")
        }
        expectedRuns = [grid?.count, definition.trialLimit].compactMap(\.self).min()
    }

    /// The next configuration, or nil when the search is over.
    ///
    /// `seed` belongs to the sweep and the number of the run; `runs` are all runs of the sweep, the oldest first.
    package func next(after runs: [PastRun], seed: UInt64) -> [String: JSONValue]? {
        if let cap = definition.trialLimit, runs.count(where: { !$0.isLost }) >= cap { return nil }
        guard !hasReachedTarget(runs) else { return nil }
        switch definition.method {
        case .grid: return grid?.next(after: runs)
        case .random: return space.sample(seed: seed)
        case .bayes:
            guard let objective = definition.objective else { return space.sample(seed: seed) }
            return BayesianSearch(space: space, objective: objective).next(after: runs, seed: seed)
        }
    }

    private func hasReachedTarget(_ runs: [PastRun]) -> Bool {
        guard let objective = definition.objective, let target = objective.target else { return false }
        return runs.contains { run in
            run.best(objective.goal).map { objective.goal == .minimize ? $0 <= target : $0 >= target } ?? false
        }
    }
}
