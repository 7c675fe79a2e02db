import Experiment
import SweepDefinition

/// Which axes of the grid each stage reads, and what follows from it: keys, titles and configs of stages.
struct StageLayout {
    private struct Row {
        var name: String
        /// Axes that the stage reads itself, sorted by name.
        var own: [Int]
        /// Axes that it or a stage before it reads.
        var seen: [Int]
        /// Those of `seen` that vary, in the order of the file.
        var varied: [Int]
    }

    private let axes: [Grid.Axis]
    private let rows: [Row]
    private let sweepName: String

    init(_ definition: Definition, _ grid: Grid) {
        axes = grid.axes
        sweepName = definition.name
        let index = Dictionary(uniqueKeysWithValues: grid.axes.enumerated().map { ($1.name, $0) })
        let fileOrder = definition.parameters.compactMap { index[$0.name] }
        var seen: [Int] = []
        rows = definition.stages.map { stage in
            let own = stage.reads.compactMap { index[$0] }.sorted()
            seen += own
            let varied = fileOrder.filter { seen.contains($0) && grid.axes[$0].points.count > 1 }
            return Row(name: stage.name, own: own, seen: seen, varied: varied)
        }
    }

    /// SHA-256 of the canonical JSON `[name, parameters that the stage reads itself, key of the stage before it]`.
    func key(of depth: Int, choice: [Int], input: String?) -> String {
        let row = rows[depth]
        let members = row.own.filter { choice[$0] != Grid.absent }.map {
            "\"\(axes[$0].name)\":\(axes[$0].points[choice[$0]].text)"
        }
        let previous = input.map { "\"\($0)\"" } ?? "null"
        return SHA256.hex("[\"\(row.name)\",{\(members.joined(separator: ","))},\(previous)]")
    }

    /// From the parameters that vary: words and named structures speak for themselves, numbers need their name.
    func title(of depth: Int, choice: [Int]) -> String {
        let words = rows[depth].varied.filter { choice[$0] != Grid.absent }.map { axis in
            let value = axes[axis].points[choice[axis]].value
            return value.isNamed ? value.label : "\(axes[axis].name)=\(value.label)"
        }
        return words.isEmpty ? sweepName : words.joined(separator: " ")
    }

    func config(of depth: Int, choice: [Int]) -> [String: JSONValue] {
        let present = rows[depth].seen.filter { choice[$0] != Grid.absent }
        return Dictionary(uniqueKeysWithValues: present.map { (axes[$0].name, axes[$0].points[choice[$0]].value) })
    }
}

extension JSONValue {
    fileprivate var isNamed: Bool {
        switch self {
        case .string: true
        case .object(let members): if case .string? = members["name"] { true } else { false }
        default: false
        }
    }
}
