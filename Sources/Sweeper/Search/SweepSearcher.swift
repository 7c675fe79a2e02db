package import Experiment
package import SweepDefinition

/// Draws the configurations of a sweep one by one. Pure: the same definition, runs, seed and number give the same
/// configuration, so that any draw can be done again from the record.
package struct SweepSearcher: Sendable {
    package let definition: Definition
    /// How many runs there will be; nil where the search never ends by itself.
    package let expectedRuns: Int?
    /// Whether the definition's own limit of trials ends the search. A sweep that was extended may have more: then
    /// whoever asks keeps the limit.
    package var isLimited = true
    private let grid: GridSearch?
    private let space: SearchSpace
    private let objectives: Objectives?

    /// Throws `SweepDefinitionError` for what this search cannot do, as a grid over a normal distribution.
    package init(_ definition: Definition) throws {
        self.definition = definition
        space = SearchSpace(definition.parameters, definition.constraints)
        objectives = Objectives(definition)
        grid = definition.method == .grid ? try GridSearch(definition) : nil
        if definition.method == .bayes || definition.method == .tpe, space.searched.isEmpty {
            throw SweepDefinitionError(
                .invalidValue, at: definition.parametersPosition,
                "every parameter has one value only, so there is nothing to search; give one 'values' or bounds")
        }
        expectedRuns = [grid?.count, definition.trialLimit].compactMap(\.self).min()
    }

    /// The next configuration, or why there is none.
    ///
    /// `runs` are all runs of the sweep, the oldest first; `seed` belongs to the sweep, and `number` counts its draws
    /// from 0.
    package func draw(after runs: [PastRun], seed: UInt64, number: Int) -> SearchOutcome {
        if isLimited, let limit = definition.trialLimit, runs.count(where: { !$0.isLost }) >= limit {
            return .over(.limit)
        }
        if let objectives, objectives.haveTarget, runs.contains(where: objectives.isReached) { return .over(.target) }
        if let grid { return grid.next(after: runs).map(SearchOutcome.config) ?? .over(.exhausted) }
        return config(after: runs, seed: seed, number: number).map(SearchOutcome.config) ?? .over(.constraints)
    }

    /// As ``draw(after:seed:number:)``, nil when the search is over.
    package func next(after runs: [PastRun], seed: UInt64, number: Int) -> [String: JSONValue]? {
        if case .config(let config) = draw(after: runs, seed: seed, number: number) { config } else { nil }
    }

    /// The run with its place in this search's space, for one that will be looked at in many draws.
    package func placed(_ run: PastRun) -> PastRun {
        var run = run
        switch definition.method {
        case .bayes: run.place = space.point(of: run.config)
        case .tpe: run.place = space.places(of: run.config)
        default: break
        }
        return run
    }

    private func config(after runs: [PastRun], seed: UInt64, number: Int) -> [String: JSONValue]? {
        let drawSeed = seed &+ UInt64(truncatingIfNeeded: number)
        switch (definition.method, objectives) {
        case (.bayes, let objectives?):
            return BayesianSearch(space: space, objectives: objectives).next(after: runs, seed: drawSeed)
        case (.tpe, let objectives?):
            return TPESearch(space: space, objectives: objectives).next(after: runs, seed: drawSeed)
        case (.qmc, _): return QuasiRandomSearch(space: space).next(seed: seed, number: number)
        default: return space.sample(seed: drawSeed)
        }
    }
}
