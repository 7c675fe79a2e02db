package import Experiment

/// The numbers of a configuration as the sweep's file has them, for programs that tell `1` from `1.0`.
///
/// The record keeps numbers by their value, so that `1` and `1.0` are one setting with one key. A program is told what
/// was written, as W&B's agents tell it; what was drawn is an integer where W&B draws one.
package struct WrittenNumbers: Sendable {
    private let parameters: [Parameter]
    private let isGrid: Bool

    package init(_ definition: Definition) {
        parameters = definition.parameters
        isGrid = definition.method == .grid
    }

    /// `config`, which may have come by way of the record. What the file does not have stays as it is.
    package func restored(_ config: [String: JSONValue]) -> [String: JSONValue] { restored(config, parameters) }

    private func restored(_ config: [String: JSONValue], _ parameters: [Parameter]) -> [String: JSONValue] {
        var config = config
        for parameter in parameters {
            guard let value = config[parameter.name] else { continue }
            switch (parameter.content, value) {
            case (.nested(let children), .object(let members)):
                config[parameter.name] = .object(restored(members, children))
            case (.nested, _): break
            case (.distribution(let distribution), _): config[parameter.name] = restored(value, distribution)
            }
        }
        return config
    }

    private func restored(_ value: JSONValue, _ distribution: Distribution) -> JSONValue {
        switch distribution.kind {
        case .constant, .categorical, .categoricalWithProbabilities:
            let setting = value.asSetting
            return distribution.values.first { $0.value.asSetting == setting }?.value ?? value
        case .intUniform: return value
        case .qUniform, .qLogUniform, .qLogUniformValues, .qNormal, .qLogNormal, .qBeta:
            // A grid counts as numpy.arange does, whose integers are made of integers only; else `q` alone decides.
            let bounds = isGrid ? ["min", "max", "q"] : ["q"]
            let isWhole = bounds.allSatisfy { if case .double? = distribution.numbers[$0] { false } else { true } }
            return isWhole ? value : value.asFraction
        default: return value.asFraction
        }
    }
}

extension JSONValue {
    /// Equal for what is the same setting, however it is written and wherever it was kept: whole numbers are integers,
    /// and numbers that are not finite texts, as the record has them.
    package var asSetting: JSONValue {
        switch self {
        case .double(let value) where !value.isFinite:
            .string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        case .double(let value): Int64(exactly: value).map(JSONValue.int) ?? self
        case .array(let items): .array(items.map(\.asSetting))
        case .object(let members): .object(members.mapValues(\.asSetting))
        default: self
        }
    }

    fileprivate var asFraction: JSONValue { if case .int(let value) = self { .double(Double(value)) } else { self } }
}
