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
        /// Canonical JSON of each of its values.
        let texts: [String]
        /// All members that its structures have.
        let template: JSONValue
    }

    private let grid: Grid
    private let axes: [Axis]

    var count: Int { grid.count }

    init(_ definition: Definition) throws {
        grid = try Grid(definition)
        axes = grid.axes.enumerated().filter { $1.points.count > 1 }.map { index, axis in
            let values = axis.points.map(\.value)
            return Axis(
                index: index, name: axis.name, texts: values.map(\.normalised.canonicalText),
                template: values.dropFirst().reduce(values[0]) { $0.joined(with: $1) })
        }
    }

    /// The first combination that no run has, in W&B's order.
    func next(after runs: [PastRun]) -> [String: JSONValue]? {
        var taken: Set<[String]> = []
        var losses: [[String]: Int] = [:]
        for run in runs {
            let texts = axes.map { run.config[$0.name]?.restricted(to: $0.template).normalised.canonicalText ?? "" }
            if run.isLost { losses[texts, default: 0] += 1 } else { taken.insert(texts) }
        }
        taken.formUnion(losses.filter { $0.value >= GridSearch.maximumLosses }.keys)
        for index in 0..<grid.count {
            let choice = grid.choice(index)
            let texts = axes.map { choice[$0.index] == Grid.absent ? "" : $0.texts[choice[$0.index]] }
            if !taken.contains(texts) { return grid.config(choice) }
        }
        return nil
    }
}
