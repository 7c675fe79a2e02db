import Experiment
import Glibc
import SweepDefinition

extension Distribution {
    /// Values that have no order: a search can only tell whether two are the same.
    var isChoice: Bool { kind == .categorical || kind == .categoricalWithProbabilities }

    /// Where a value lies in [0, 1], prepared for many values: the middle of the range that `value(at:)` maps to it, or
    /// its cumulative probability where the distribution is continuous. Nil for what cannot have come from here.
    var placing: @Sendable (JSONValue) -> Double? {
        switch kind {
        case .constant: return { _ in 0 }
        case .categorical, .categoricalWithProbabilities:
            let places = Dictionary(choices.map { ($0.value.asSetting, $0.place) }) { first, _ in first }
            return { places[$0.asSetting] }
        case .intUniform:
            let low = numbers["min"]?.number ?? 0
            let count = (numbers["max"]?.number ?? 0) - low + 1
            return { $0.number.map { min(1, max(0, ($0.rounded(.down) - low + 0.5) / count)) } }
        case .uniform, .qUniform:
            let (low, high) = (numbers["min"]?.number ?? 0, numbers["max"]?.number ?? 1)
            return { value in
                guard let x = value.number, x.isFinite else { return nil }
                return high > low ? min(1, max(0, (x - low) / (high - low))) : 0
            }
        case .logUniformValues, .qLogUniformValues:
            let (low, high) = (log(numbers["min"]?.number ?? 1), log(numbers["max"]?.number ?? 1))
            return { value in
                guard let x = value.number, x.isFinite else { return nil }
                return x > 0 && high > low ? min(1, max(0, (log(x) - low) / (high - low))) : 0
            }
        default: return { cumulative($0) }
        }
    }

    /// The values of a choice, their places and probabilities.
    var choices: [(value: JSONValue, place: Double, probability: Double)] {
        let shares =
            kind == .categoricalWithProbabilities
            ? probabilities : Array(repeating: 1 / Double(max(1, values.count)), count: values.count)
        var sum = 0.0
        return zip(values, shares).map { value, share in
            defer { sum += share }
            return (value.value, sum + share / 2, share)
        }
    }
}
