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
    let searched: [Axis]
    /// Of each searched axis.
    private let placings: [@Sendable (JSONValue) -> Double?]
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
        searched = axes.filter { [leaders] in $0.distribution.isSearched && leaders[$0.path[0]] == nil }
        placings = searched.map(\.distribution.placing)
    }

    /// A configuration of values that are independent of one another; nil where the constraints leave none.
    func sample(seed: UInt64) -> [String: JSONValue]? {
        var generator = SeededGenerator(seed: seed)
        return randomPoint(&generator).map(config)
    }

    func allows(_ config: [String: JSONValue]) -> Bool { constraints.isEmpty || constraints.allow(config) }

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
        // Where a parameter does not exist it makes no difference.
        point(of: config, absent: 0.5) { searched[$0].distribution.cumulative($1) }
    }

    /// As ``point(of:)``, but with the middle of the range that becomes the value, so that a choice is known by its
    /// place; NaN for a parameter that does not exist in the configuration.
    func places(of config: [String: JSONValue]) -> [Double]? {
        point(of: config, absent: .nan) { placings[$0]($1) }
    }

    private func point(
        of config: [String: JSONValue], absent: Double, place: (Int, JSONValue) -> Double?
    ) -> [Double]? {
        var coordinates: [Double] = []
        coordinates.reserveCapacity(searched.count)
        for (index, axis) in searched.enumerated() {
            guard var value = config[axis.path[0]] else {
                guard conditions.isConditional(axis.path[0]) else { return nil }
                coordinates.append(absent)
                continue
            }
            for name in axis.path.dropFirst() {
                guard case .object(let members) = value, let member = members[name] else { return nil }
                value = member
            }
            guard let coordinate = place(index, value) else { return nil }
            coordinates.append(coordinate)
        }
        return coordinates
    }

    /// What a Parzen estimator has to know of each searched axis.
    var coordinates: [ParzenEstimator.Coordinate] {
        searched.map(\.distribution).map { distribution in
            if distribution.isChoice {
                return .choice(Dictionary(distribution.choices.map { ($0.place, $0.probability) }) { $0 + $1 })
            }
            guard distribution.kind == .intUniform, let low = distribution.numbers["min"]?.number,
                let high = distribution.numbers["max"]?.number
            else { return .number(step: 0) }
            return .number(step: 1 / (high - low + 1))
        }
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
