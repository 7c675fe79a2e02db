import Experiment
import SweepDefinition

/// Hands out the combinations of a grid, each to one run.
struct GridSearch: Sendable {
    /// How often a combination is handed out whose runs are lost each time.
    static let maximumLosses = 3

    /// A parameter that varies.
    private struct Axis: Sendable {
        let index: Int
        let name: String
        /// Of each value, however it is spelt: the first of the points that have it.
        let points: [JSONValue: Int]
        /// All members that its structures have.
        let template: JSONValue
    }

    private let grid: Grid
    private let axes: [Axis]
    /// The first combination with these points on ``axes``: zipped values may repeat an earlier one, which shares its run.
    private let combinations: [[Int]: Int]
    /// Those first ones, in the grid's order.
    private let distinct: [Int]

    var count: Int { grid.count }

    init(_ definition: Definition) throws {
        let grid = try Grid(definition)
        self.grid = grid
        let axes = grid.axes.enumerated().filter { $1.points.count > 1 }.map { index, axis in
            let values = axis.points.map(\.value)
            return Axis(
                index: index, name: axis.name,
                points: Dictionary(values.enumerated().map { ($1.asSetting, $0) }) { first, _ in first },
                template: values.dropFirst().reduce(values[0]) { $0.joined(with: $1) })
        }
        self.axes = axes
        let firsts = axes.map { axis in
            grid.axes[axis.index].points.map { axis.points[$0.value.asSetting] ?? Grid.absent }
        }
        combinations = Dictionary(
            (0..<grid.count).map { combination in
                let choice = grid.choice(combination)
                let points = zip(axes, firsts).map { axis, firsts in
                    choice[axis.index] == Grid.absent ? Grid.absent : firsts[choice[axis.index]]
                }
                return (points, combination)
            }
        ) { first, _ in first }
        distinct = combinations.values.sorted()
    }

    /// The first combination that no run has, in W&B's order.
    func next(after runs: [PastRun]) -> [String: JSONValue]? {
        var isTaken = [Bool](repeating: false, count: grid.count)
        var losses: [Int: Int] = [:]
        for run in runs {
            guard let combination = combination(of: run.config) else { continue }
            if run.isLost { losses[combination, default: 0] += 1 } else { isTaken[combination] = true }
        }
        for (combination, count) in losses where count >= GridSearch.maximumLosses { isTaken[combination] = true }
        return distinct.first { !isTaken[$0] }.map { grid.config(grid.choice($0)) }
    }

    /// Nil for a configuration that the grid does not have.
    private func combination(of config: [String: JSONValue]) -> Int? {
        var points: [Int] = []
        points.reserveCapacity(axes.count)
        for axis in axes {
            guard let value = config[axis.name] else {
                points.append(Grid.absent)
                continue
            }
            guard let point = axis.points[value.restricted(to: axis.template).asSetting] else { return nil }
            points.append(point)
        }
        return combinations[points]
    }
}
