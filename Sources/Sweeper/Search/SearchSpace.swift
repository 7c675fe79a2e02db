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

    /// The axes on which there is something to choose: the coordinates of a point.
    var searched: [Axis] { axes.filter(\.distribution.isSearched) }

    init(_ parameters: [Parameter]) { axes = SearchSpace.axes(parameters, below: []) }

    /// A configuration of values that are independent of one another.
    func sample(seed: UInt64) -> [String: JSONValue] {
        var generator = SeededGenerator(seed: seed)
        return config(at: searched.map { _ in generator.uniform() })
    }

    func config(at point: [Double]) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        var coordinates = point[...]
        for axis in axes {
            let p = axis.distribution.isSearched ? coordinates.popFirst() ?? 0.5 : 0
            SearchSpace.set(axis.distribution.value(at: p), at: axis.path[...], in: &config)
        }
        return config
    }

    /// Nil for a configuration that lacks a parameter or has a value that cannot come from here.
    func point(of config: [String: JSONValue]) -> [Double]? {
        let coordinates = searched.compactMap { axis -> Double? in
            var value: JSONValue? = .object(config)
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
