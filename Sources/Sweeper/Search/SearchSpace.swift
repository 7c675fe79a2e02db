import Experiment
import SweepDefinition

/// The parameters of a sweep as the axes of a unit cube: each coordinate is a cumulative probability.
struct SearchSpace: Sendable {
    struct Axis: Sendable {
        /// Names from the top level down to the parameter.
        var path: [String]
        var distribution: Distribution
    }

    /// Sorted by name on each level.
    let axes: [Axis]
    private let conditions: Conditions
    private let constraints: Constraints
    /// Zipped parameters take the coordinate of the first of their group.
    private let leaders: [String: String]

    /// How many points are tried before `exclude` and `require` are taken to leave nothing.
    static let maximumTries = 10_000

    init(_ parameters: [Parameter], _ constraints: Constraints = Constraints()) {
        axes = SearchSpace.axes(parameters, below: [])
        conditions = Conditions(parameters)
        self.constraints = constraints
        leaders = Dictionary(
            constraints.zips.flatMap { group in
                let sorted = group.sorted()
                return sorted.dropFirst().map { ($0, sorted[0]) }
            }
        ) { first, _ in first }
    }

    /// The axes on which there is something to choose: the coordinates of a point.
    var searched: [Axis] { axes.filter(isSearched) }

    private func isSearched(_ axis: Axis) -> Bool { axis.distribution.isSearched && leaders[axis.path[0]] == nil }

    /// A configuration of values that are independent of one another; nil where the constraints leave none.
    func sample(seed: UInt64) -> [String: JSONValue]? {
        var generator = SeededGenerator(seed: seed)
        return randomPoint(&generator).map(config)
    }

    /// A point whose configuration the constraints allow; nil where none was found.
    func randomPoint(_ generator: inout SeededGenerator) -> [Double]? {
        let count = searched.count
        for _ in 0..<SearchSpace.maximumTries {
            let point = (0..<count).map { _ in generator.uniform() }
            if constraints.isEmpty || constraints.allow(config(at: point)) { return point }
        }
        return nil
    }

    func config(at point: [Double]) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        var coordinates = point[...]
        var ofLeaders: [String: Double] = [:]
        for axis in axes {
            var p = 0.0
            if let leader = leaders[axis.path[0]] {
                p = ofLeaders[leader] ?? 0.5
            } else if axis.distribution.isSearched {
                p = coordinates.popFirst() ?? 0.5
                ofLeaders[axis.path[0]] = p
            }
            SearchSpace.set(axis.distribution.value(at: p), at: axis.path[...], in: &config)
        }
        return conditions.isEmpty ? config : conditions.applied(to: config).config
    }

    /// Nil for a configuration that lacks a parameter or has a value that cannot come from here.
    func point(of config: [String: JSONValue]) -> [Double]? {
        let coordinates = searched.compactMap { axis -> Double? in
            var value: JSONValue? = .object(config)
            // Where it does not exist it makes no difference.
            if config[axis.path[0]] == nil, conditions.isConditional(axis.path[0]) { return 0.5 }
            for name in axis.path {
                guard case .object(let members)? = value else { return nil }
                value = members[name]
            }
            return value.flatMap(axis.distribution.cumulative)
        }
        return coordinates.count == searched.count ? coordinates : nil
    }

    private static func axes(_ parameters: [Parameter], below path: [String]) -> [Axis] {
        parameters.sorted { $0.name < $1.name }.flatMap { parameter -> [Axis] in
            let path = path + [parameter.name]
            switch parameter.content {
            case .distribution(let distribution): return [Axis(path: path, distribution: distribution)]
            case .nested(let children): return axes(children, below: path)
            }
        }
    }

    private static func set(_ value: JSONValue, at path: ArraySlice<String>, in config: inout [String: JSONValue]) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            config[name] = value
            return
        }
        var members: [String: JSONValue] = [:]
        if case .object(let existing)? = config[name] { members = existing }
        set(value, at: path.dropFirst(), in: &members)
        config[name] = .object(members)
    }
}
