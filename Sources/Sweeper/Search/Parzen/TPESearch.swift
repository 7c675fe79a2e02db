import Experiment
import Glibc
import SweepDefinition

/// The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl, Algorithms for Hyper-Parameter
/// Optimization, 2011, section 4): the best share of the runs has the density l(x), the others have g(x), and of some
/// points drawn from l the one is tried where l(x) / g(x), which grows with the expected improvement (equation 3), is
/// largest.
///
/// With several objectives the best are chosen by Pareto fronts (Ozaki et al., Multiobjective TPE, 2020). Runs that
/// are under way count among the others, so that no two agents look at the same place.
struct TPESearch {
    /// Below so many values the search is random: a density of a few points is mostly prior.
    static let startup = 10
    static let candidates = 24
    /// The best tenth, at most so many.
    static let maximumBest = 25

    let space: SearchSpace
    let objectives: Objectives

    func next(after runs: [PastRun], seed: UInt64) -> [String: JSONValue]? {
        var generator = SeededGenerator(seed: seed)
        let observations = Observations(runs, objectives) { space.places(of: $0) }
        guard observations.samples.count >= TPESearch.startup else {
            return space.randomPoint(&generator).map(space.config)
        }
        let count = min(TPESearch.maximumBest, Int((0.1 * Double(observations.samples.count)).rounded(.up)))
        let best = objectives.best(count, of: observations.samples.map(\.losses))
        var isOther = [Bool](repeating: true, count: observations.samples.count)
        for index in best { isOther[index] = false }
        let coordinates = space.coordinates
        let good = ParzenEstimator(best.map { observations.samples[$0].point }, coordinates)
        let others = observations.samples.indices.filter { isOther[$0] }.map { observations.samples[$0].point }
        let bad = ParzenEstimator(others + observations.running, coordinates)

        var chosen: (config: [String: JSONValue], gain: Double)?
        var found = 0
        for _ in 0..<SearchSpace.maximumTries where found < TPESearch.candidates {
            let config = space.config(at: good.sample(&generator))
            // The values' own places: rounded where values are, and none for a parameter that does not exist here.
            guard space.allows(config), let point = space.places(of: config) else { continue }
            found += 1
            let gain = good.logDensity(point) - bad.logDensity(point)
            if gain > chosen?.gain ?? -.infinity { chosen = (config, gain) }
        }
        return chosen?.config ?? space.randomPoint(&generator).map(space.config)
    }
}
