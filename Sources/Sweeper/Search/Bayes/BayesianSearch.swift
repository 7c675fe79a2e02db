import Experiment
import SweepDefinition

/// The search of W&B's package `sweeps` (bayes_search.py): a Gaussian process over the unit cube of the parameters,
/// and of 1,000 random points the one whose expected improvement is largest.
struct BayesianSearch {
    static let maximumSamples = 100
    static let candidates = 1000

    let space: SearchSpace
    let objective: Objective

    func next(after runs: [PastRun], seed: UInt64) -> [String: JSONValue]? {
        var generator = SeededGenerator(seed: seed)

        let (samples, running) = observations(runs)
        // Two values are the least that have a shape.
        guard samples.count >= 2 else { return space.randomPoint(&generator).map(space.config) }
        let process = fit(samples, running, &generator)
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

    /// What the runs say; `running` are the points of those that have no value yet.
    func observations(_ runs: [PastRun]) -> (samples: [Sample], running: [[Double]]) {
        let worst = worst(of: runs)
        let sign: Double = objective.goal == .maximize ? -1 : 1
        var samples: [Sample] = []
        var running: [[Double]] = []
        for run in runs {
            guard let point = space.point(of: run.config) else { continue }
            let value: Double? =
                switch run.state {
                case .finished: run.best(objective.goal) ?? imputed(objective.impute, run, worst)
                case .failed, .crashed, .killed: imputed(objective.impute, run, worst)
                case .running:
                    objective.imputeWhileRunning.map { run.best(objective.goal) ?? imputed($0, run, worst) }
                case .pending: nil
                }
            if let value { samples.append((point, sign * value)) } else { running.append(point) }
        }
        return (samples, running)
    }

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

    private func imputed(_ rule: Objective.Imputation, _ run: PastRun, _ worst: Double) -> Double {
        switch rule {
        case .worst: worst
        case .best: run.best(objective.goal) ?? 0
        case .latest: run.latest ?? 0
        }
    }

    /// The worst value of any run that is over; 0 where there is none.
    private func worst(of runs: [PastRun]) -> Double {
        let values = runs.filter(\.state.isFinal).compactMap { $0.worst(objective.goal) }
        return (objective.goal == .maximize ? values.min() : values.max()) ?? 0
    }
}
