import Experiment
import SweepDefinition

/// The search of W&B's package `sweeps` (bayes_search.py): a Gaussian process over the unit cube of the parameters,
/// and of 1,000 random points the one whose expected improvement is largest. Several metrics become one value, with other
/// weights in each draw where none counts more than another.
struct BayesianSearch {
    static let maximumSamples = 100
    static let candidates = 1000

    let space: SearchSpace
    let objectives: Objectives

    func next(after runs: [PastRun], seed: UInt64) -> [String: JSONValue]? {
        var generator = SeededGenerator(seed: seed)

        let observations = Observations(runs, objectives, point: space.point)
        // Two values are the least that have a shape.
        guard observations.samples.count >= 2 else { return space.randomPoint(&generator).map(space.config) }
        let values = objectives.scalars(observations.samples.map(\.losses), &generator)
        let samples = zip(observations.samples, values).map { (point: $0.point, value: $1) }
        let process = fit(samples, observations.running, &generator)
        var points: [[Double]] = []
        while points.count < BayesianSearch.candidates, let point = space.randomPoint(&generator) {
            points.append(point)
        }
        guard let first = points.first else { return nil }
        guard let best = samples.map(\.value).min(), !process.isDegenerate else { return space.config(at: first) }
        let target = process.standardised(best)
        let improvements = points.map { point in
            let (mean, deviation) = process.predict(point)
            let gain = target - mean
            let z = gain / (deviation + 1e-6)
            return gain * NormalDistribution.cumulative(z) + deviation * NormalDistribution.density(z)
        }
        let chosen = improvements.indices.max { improvements[$0] < improvements[$1] } ?? 0
        return space.config(at: points[chosen])
    }

    /// A run as a point of the cube, and its value where it has one; less is better.
    typealias Sample = (point: [Double], value: Double)

    private func fit(
        _ samples: [Sample], _ running: [[Double]], _ generator: inout SeededGenerator
    ) -> GaussianProcess {
        // Fitting takes the cube of their number.
        let chosen =
            samples.count > BayesianSearch.maximumSamples
            ? Array(samples.shuffled(using: &generator).prefix(BayesianSearch.maximumSamples)) : samples
        let (points, values) = (chosen.map(\.point), chosen.map(\.value))
        let process = GaussianProcess(points: points, values: values)
        guard !running.isEmpty else { return process }
        // Running ones are taken to end as the process predicts, so that no two agents look at the same place.
        let pending = Array(running.prefix(BayesianSearch.maximumSamples - 5))
        return GaussianProcess(
            points: points + pending, values: values + pending.map { process.value(process.predict($0).mean) })
    }
}
