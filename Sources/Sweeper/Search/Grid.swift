import Experiment
import SweepDefinition

/// Every combination of a sweep's parameters, as W&B orders them: parameters sorted by name, the last one fastest.
struct Grid: Sendable {
    /// A value of a parameter, ready to be used many times.
    struct Point: Sendable {
        var value: JSONValue
        /// Its canonical JSON.
        var text: String
        var position: SourcePosition
    }

    /// A parameter of the top level with its values; those nested below it are combined already.
    struct Axis: Sendable {
        var name: String
        var position: SourcePosition
        var points: [Point]
    }

    static let maximumTrials = 100_000
    /// Before `exclude`, `require` and `when` have taken some away.
    static let maximumCombinations = 2_000_000
    /// In place of a value's index: the parameter does not exist in this combination.
    static let absent = -1

    /// Sorted by name.
    let axes: [Axis]
    /// One index into each axis's points, or ``absent``, for each combination.
    private let choices: [[Int]]

    init(_ definition: Definition) throws {
        try self.init(definition.parameters, definition.constraints, at: definition.parametersPosition)
    }

    init(_ parameters: [Parameter], _ constraints: Constraints = Constraints(), at position: SourcePosition) throws {
        let zipped = Set(constraints.zips.joined())
        axes = try parameters.sorted { $0.name < $1.name }.map { parameter in
            let points = try Grid.points(parameter, keepingDoubles: zipped.contains(parameter.name))
            return Axis(name: parameter.name, position: parameter.position, points: points)
        }
        choices = try Grid.choices(axes, parameters, constraints, at: position)
    }

    var count: Int { choices.count }

    /// The values of combination `index`.
    func choice(_ index: Int) -> [Int] { choices[index] }

    func config(_ choice: [Int]) -> [String: JSONValue] { Grid.config(axes, choice) }

    /// One for each axis; nil for a parameter that does not exist.
    func points(_ choice: [Int]) -> [Point?] {
        zip(axes, choice).map { axis, index in index == Grid.absent ? nil : axis.points[index] }
    }

    private static func config(_ axes: [Axis], _ choice: [Int]) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        config.reserveCapacity(axes.count)
        for (axis, index) in zip(axes, choice) where index != absent { config[axis.name] = axis.points[index].value }
        return config
    }

    /// Zipped parameters turn together, at the place of the first of their names.
    private static func choices(
        _ axes: [Axis], _ parameters: [Parameter], _ constraints: Constraints, at position: SourcePosition
    ) throws -> [[Int]] {
        var wheels: [[Int]] = []
        var wheelOfZip: [Int: Int] = [:]
        for (index, axis) in axes.enumerated() {
            guard let zip = constraints.zips.firstIndex(where: { $0.contains(axis.name) }) else {
                wheels.append([index])
                continue
            }
            if let wheel = wheelOfZip[zip] {
                wheels[wheel].append(index)
            } else {
                wheelOfZip[zip] = wheels.count
                wheels.append([index])
            }
        }
        let sizes = wheels.map { axes[$0[0]].points.count }
        let conditions = Conditions(parameters)
        let isWhole = conditions.isEmpty && constraints.excludes.isEmpty && constraints.requires.isEmpty
        let total = try product(sizes, at: position, limit: isWhole ? maximumTrials : maximumCombinations)
        var choices: [[Int]] = []
        var seen: Set<[Int]> = []
        for combination in 0..<total {
            var rest = combination
            var choice = [Int](repeating: 0, count: axes.count)
            for (wheel, size) in zip(wheels, sizes).reversed() {
                let (quotient, turn) = rest.quotientAndRemainder(dividingBy: size)
                rest = quotient
                for axis in wheel { choice[axis] = turn }
            }
            if !isWhole {
                let (config, gone) = conditions.applied(to: config(axes, choice))
                guard constraints.allow(config) else { continue }
                for (index, axis) in axes.enumerated() where gone.contains(axis.name) { choice[index] = absent }
                // Without the parameters that do not exist, combinations may be the same.
                guard conditions.isEmpty || seen.insert(choice).inserted else { continue }
            }
            choices.append(choice)
        }
        guard !choices.isEmpty else {
            throw SweepDefinitionError(
                .invalidValue, at: position,
                "'exclude' and 'require' leave none of the \(total) combinations; loosen one of them")
        }
        guard choices.count <= maximumTrials else { throw tooLarge(maximumTrials, at: position) }
        return choices
    }

    private static func points(_ parameter: Parameter, keepingDoubles: Bool = false) throws -> [Point] {
        switch parameter.content {
        case .distribution(let distribution):
            var seen: Set<String> = []
            let points = try values(distribution, of: parameter).map {
                Point(value: $0.value, text: $0.value.canonicalText, position: $0.position)
            }
            return keepingDoubles ? points : points.filter { seen.insert($0.text).inserted }
        case .nested(let parameters):
            var objects: [[String: JSONValue]] = [[:]]
            for child in parameters.sorted(by: { $0.name < $1.name }) {
                let points = try Grid.points(child)
                _ = try product([objects.count, points.count], at: parameter.position)
                objects = objects.flatMap { object in
                    points.map { point in object.merging([child.name: point.value]) { $1 } }
                }
            }
            return objects.map {
                let value = JSONValue.object($0)
                return Point(value: value, text: value.canonicalText, position: parameter.position)
            }
        }
    }

    private static func values(_ distribution: Distribution, of parameter: Parameter) throws -> [Distribution.Value] {
        func number(_ key: String) -> Double { distribution.numbers[key]?.number ?? 1 }
        let place = distribution.position
        switch distribution.kind {
        case .constant, .categorical: return distribution.values
        case .intUniform:
            guard case .int(let low)? = distribution.numbers["min"], case .int(let high)? = distribution.numbers["max"]
            else { return [] }
            let (span, overflow) = high.subtractingReportingOverflow(low)
            _ = try product([overflow || span == .max ? .max : Int(span) + 1], at: place)
            return (low...high).map { Distribution.Value(.int($0), at: place) }
        case .qUniform:
            // numpy.arange(min, max, q), which leaves max out.
            let (low, q) = (number("min"), number("q"))
            let steps = ((number("max") - low) / q).rounded(.up)
            guard steps >= 1 else {
                throw SweepDefinitionError(
                    .invalidValue, at: place,
                    "parameter '\(parameter.name)' has no values: q_uniform in a grid leaves 'max' out")
            }
            let count = try product([Int(exactly: min(steps, 1e15)) ?? .max], at: place)
            return (0..<count).map { step in
                let value = low + Double(step) * q
                return Distribution.Value(Int64(exactly: value).map(JSONValue.int) ?? .double(value), at: place)
            }
        default:
            throw SweepDefinitionError(
                .unsupported, at: place,
                "parameter '\(parameter.name)' is \(distribution.kind.rawValue), which a grid cannot count; "
                    + "use value, values, int_uniform or q_uniform")
        }
    }

    private static func product(
        _ counts: [Int], at position: SourcePosition, limit: Int = maximumTrials
    ) throws -> Int {
        var product = 1
        for count in counts {
            let (next, overflow) = product.multipliedReportingOverflow(by: count)
            guard !overflow, next <= limit else { throw tooLarge(limit, at: position) }
            product = next
        }
        return product
    }

    private static func tooLarge(_ limit: Int, at position: SourcePosition) -> SweepDefinitionError {
        SweepDefinitionError(
            .tooLarge, at: position,
            "the grid has more than \(limit) combinations; list fewer values or split the sweep")
    }
}
