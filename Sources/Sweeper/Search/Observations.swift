import Experiment
import SweepDefinition

/// What the runs of a sweep say about its objectives, by W&B's rules for those that have no value.
struct Observations {
    /// A run as a point of the space, and its losses: values whose sign is changed where more is better.
    typealias Sample = (point: [Double], losses: [Double])

    private(set) var samples: [Sample] = []
    /// Points of the runs that have no value yet.
    private(set) var running: [[Double]] = []

    /// `point` gives the place of a configuration, nil for one that is not of this space: its run is left out.
    init(_ runs: [PastRun], _ objectives: Objectives, point: ([String: JSONValue]) -> [Double]?) {
        let list = objectives.list
        let worst = list.indices.map { Observations.worst(of: runs, list[$0].goal, index: $0) }
        samples.reserveCapacity(runs.count)
        for run in runs {
            guard let point = run.place ?? point(run.config) else { continue }
            var losses: [Double] = []
            losses.reserveCapacity(list.count)
            for index in list.indices {
                guard let value = Observations.value(run.range(index), run.state, list[index], worst[index]) else {
                    break
                }
                losses.append(list[index].goal == .maximize ? -value : value)
            }
            if losses.count == list.count { samples.append((point, losses)) } else { running.append(point) }
        }
    }

    /// Nil for a run that has no value yet.
    private static func value(
        _ range: PastRun.Range, _ state: RunState, _ objective: Objective, _ worst: Double
    ) -> Double? {
        switch state {
        case .finished: range.best(objective.goal) ?? imputed(objective.impute, range, objective.goal, worst)
        case .failed, .crashed, .killed: imputed(objective.impute, range, objective.goal, worst)
        case .running:
            objective.imputeWhileRunning.map {
                range.best(objective.goal) ?? imputed($0, range, objective.goal, worst)
            }
        case .pending: nil
        }
    }

    private static func imputed(
        _ rule: Objective.Imputation, _ range: PastRun.Range, _ goal: Goal, _ worst: Double
    ) -> Double {
        switch rule {
        case .worst: worst
        case .best: range.best(goal) ?? 0
        case .latest: range.latest ?? 0
        }
    }

    /// The worst value of any run that is over; 0 where there is none.
    private static func worst(of runs: [PastRun], _ goal: Goal, index: Int) -> Double {
        var worst: Double?
        for run in runs where run.state.isFinal {
            guard let value = run.range(index).worst(goal) else { continue }
            if let known = worst, goal == .maximize ? known <= value : known >= value { continue }
            worst = value
        }
        return worst ?? 0
    }
}
