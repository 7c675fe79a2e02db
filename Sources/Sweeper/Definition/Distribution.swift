package import Experiment

/// What a parameter may be: one of the forms of W&B's sweep schema.
package struct Distribution: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case constant
        case categorical
        case categoricalWithProbabilities = "categorical_w_probabilities"
        case intUniform = "int_uniform"
        case uniform
        case qUniform = "q_uniform"
        case logUniform = "log_uniform"
        case logUniformValues = "log_uniform_values"
        case qLogUniform = "q_log_uniform"
        case qLogUniformValues = "q_log_uniform_values"
        case invLogUniform = "inv_log_uniform"
        case invLogUniformValues = "inv_log_uniform_values"
        case normal
        case qNormal = "q_normal"
        case logNormal = "log_normal"
        case qLogNormal = "q_log_normal"
        case beta
        case qBeta = "q_beta"

        /// The keys that this form must have and the ones that have defaults.
        var keys: (required: [String], optional: [String]) {
            switch self {
            case .constant: (["value"], [])
            case .categorical: (["values"], [])
            case .categoricalWithProbabilities: (["values", "probabilities"], [])
            case .intUniform, .uniform, .logUniform, .logUniformValues, .invLogUniform, .invLogUniformValues:
                (["min", "max"], [])
            case .qUniform, .qLogUniform, .qLogUniformValues: (["min", "max"], ["q"])
            case .normal, .logNormal: ([], ["mu", "sigma"])
            case .qNormal, .qLogNormal: ([], ["mu", "sigma", "q"])
            case .beta: ([], ["a", "b"])
            case .qBeta: ([], ["a", "b", "q"])
            }
        }

        /// Forms whose bounds are values of which the logarithm is taken.
        var takesLogarithm: Bool {
            self == .logUniformValues || self == .qLogUniformValues || self == .invLogUniformValues
        }
    }

    /// A value and where it was written.
    package struct Value: Sendable, Hashable {
        package var value: JSONValue
        package var position: SourcePosition

        package init(_ value: JSONValue, at position: SourcePosition) {
            self.value = value
            self.position = position
        }
    }

    package var kind: Kind
    package var position: SourcePosition
    /// Of `constant` and the categorical forms.
    package var values: [Value]
    /// Of `categorical_w_probabilities`: one for each value, with the sum 1.
    package var probabilities: [Double] = []
    /// `min`, `max`, `q`, `mu`, `sigma`, `a`, `b`, as far as they were written.
    package var numbers: [String: JSONValue]
}
