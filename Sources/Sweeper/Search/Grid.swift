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

    /// Sorted by name.
    let axes: [Axis]
    let count: Int

    init(_ definition: Definition) throws {
        try self.init(definition.parameters, at: definition.parametersPosition)
    }

    init(_ parameters: [Parameter], at position: SourcePosition) throws {
        axes = try parameters.sorted { $0.name < $1.name }.map { parameter in
            Axis(name: parameter.name, position: parameter.position, points: try Grid.points(parameter))
        }
        count = try Grid.product(axes.map(\.points.count), at: position)
    }

    /// The values of combination `index`, one index into each axis's points.
    func choice(_ index: Int) -> [Int] {
        var rest = index
        var choice = [Int](repeating: 0, count: axes.count)
        for axis in axes.indices.reversed() {
            (rest, choice[axis]) = rest.quotientAndRemainder(dividingBy: axes[axis].points.count)
        }
        return choice
    }

    func config(_ choice: [Int]) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: zip(axes, choice).map { ($0.name, $0.points[$1].value) })
    }

    private static func points(_ parameter: Parameter) throws -> [Point] {
        switch parameter.content {
        case .distribution(let distribution):
            var seen: Set<String> = []
            let points = try values(distribution, of: parameter).map {
                Point(value: $0.value, text: $0.value.canonicalText, position: $0.position)
            }
            return points.filter { seen.insert($0.text).inserted }
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

    private static func product(_ counts: [Int], at position: SourcePosition) throws -> Int {
        var product = 1
        for count in counts {
            let (next, overflow) = product.multipliedReportingOverflow(by: count)
            guard !overflow, next <= maximumTrials else {
                throw SweepDefinitionError(
                    .tooLarge, at: position,
                    "the grid has more than \(maximumTrials) combinations; list fewer values or split the sweep")
            }
            product = next
        }
        return product
    }
}
