import Experiment
import Glibc
import SweepDefinition

/// W&B's distributions as functions of [0, 1]: a uniform number gives a value, a value gives its place back.
///
/// Formulas: W&B's package `sweeps`, params.py; of the discrete uniform distribution: scipy.stats.randint.
extension Distribution {
    /// Whether a search has anything to choose here.
    var isSearched: Bool { kind != .constant }

    /// The value at probability `p`, in [0, 1] (the inverse of the cumulative distribution function).
    func value(at p: Double) -> JSONValue {
        switch kind {
        case .constant: return values.first?.value ?? .null
        case .categorical:
            return values[Distribution.index(at: p, of: values.count)].value
        case .categoricalWithProbabilities:
            let index = cumulativeProbabilities.firstIndex { p < $0 } ?? values.count - 1
            return values[index].value
        case .intUniform:
            let (low, high) = (integer("min"), integer("max"))
            let count = Double(high) - Double(low) + 1
            let (value, overflow) = low.addingReportingOverflow(
                Int64(min(max(0, (p * count).rounded(.up) - 1), 0x1p62)))
            return .int(overflow ? high : min(high, value))
        case .uniform, .logUniform, .logUniformValues, .invLogUniform, .invLogUniformValues, .normal, .logNormal, .beta:
            return .double(quantile(p))
        case .qUniform, .qLogUniform, .qLogUniformValues, .qNormal, .qLogNormal, .qBeta:
            let q = number("q", 1)
            // numpy.round: halves go to the even neighbour.
            let rounded = (quantile(p) / q).rounded(.toNearestOrEven) * q
            if case .double? = numbers["q"] { return .double(rounded) }
            return Int64(exactly: rounded).map(JSONValue.int) ?? .double(rounded)
        }
    }

    /// The probability of a value that is at most `value`; of one of several values that its place in the list has.
    /// Nil for what the distribution cannot have given.
    func cumulative(_ value: JSONValue) -> Double? {
        switch kind {
        case .constant: return 0
        case .categorical:
            return index(of: value).map { Double($0 + 1) / Double(values.count) }
        case .categoricalWithProbabilities: return index(of: value).map { cumulativeProbabilities[$0] }
        case .intUniform:
            let (low, high) = (Double(integer("min")), Double(integer("max")))
            return value.number.map { clamped(($0.rounded(.down) - low + 1) / (high - low + 1)) }
        default:
            guard let x = value.number, x.isFinite else { return nil }
            return cumulative(x)
        }
    }

    private func quantile(_ p: Double) -> Double {
        switch kind {
        case .uniform, .qUniform: low + p * (high - low)
        case .logUniform, .qLogUniform: exp(low + p * (high - low))
        case .logUniformValues, .qLogUniformValues: exp(log(low) + p * (log(high) - log(low)))
        case .invLogUniform: exp(-(low + (1 - p) * (high - low)))
        case .invLogUniformValues: exp(log(low) + p * (log(high) - log(low)))
        case .normal, .qNormal: mu + sigma * NormalDistribution.quantile(p)
        case .logNormal, .qLogNormal: exp(mu + sigma * NormalDistribution.quantile(p))
        default: beta.quantile(p)
        }
    }

    private func cumulative(_ x: Double) -> Double? {
        switch kind {
        case .uniform, .qUniform: share(x, low, high)
        case .logUniform, .qLogUniform: x > 0 ? share(log(x), low, high) : 0
        case .logUniformValues, .qLogUniformValues, .invLogUniformValues:
            x > 0 ? share(log(x), log(low), log(high)) : 0
        case .invLogUniform: x > 0 ? 1 - share(-log(x), low, high) : 0
        case .normal, .qNormal: NormalDistribution.cumulative((x - mu) / sigma)
        case .logNormal, .qLogNormal: x > 0 ? NormalDistribution.cumulative((log(x) - mu) / sigma) : 0
        default: beta.cumulative(x)
        }
    }

    private var low: Double { number("min", 0) }
    private var high: Double { number("max", 1) }
    private var mu: Double { number("mu", 0) }
    private var sigma: Double { number("sigma", 1) }
    private var beta: BetaDistribution { BetaDistribution(a: number("a", 1), b: number("b", 1)) }

    private var cumulativeProbabilities: [Double] {
        var sum = 0.0
        return probabilities.map {
            sum += $0
            return sum
        }
    }

    private func number(_ key: String, _ otherwise: Double) -> Double { numbers[key]?.number ?? otherwise }

    private func integer(_ key: String) -> Int64 {
        if case .int(let value)? = numbers[key] { value } else { 0 }
    }

    private func share(_ x: Double, _ low: Double, _ high: Double) -> Double {
        high > low ? clamped((x - low) / (high - low)) : 0
    }

    private func clamped(_ p: Double) -> Double { min(1, max(0, p)) }

    private func index(of value: JSONValue) -> Int? {
        let wanted = value.asSetting
        return values.firstIndex { $0.value.asSetting == wanted }
    }

    /// The inverse of (index + 1) / count.
    private static func index(at p: Double, of count: Int) -> Int {
        min(count - 1, max(0, Int((p * Double(count)).rounded(.up)) - 1))
    }
}
