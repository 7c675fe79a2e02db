package import Experiment

/// A condition on a configuration, as `lr > 1e-3 and subset in [joint, image+audio]`.
///
/// A comparison with a parameter that the configuration does not have is neither true nor false, and what is made of
/// it follows Kleene's logic: `exclude` leaves such configurations in, `require` lets them pass, `when` does not hold.
package indirect enum Predicate: Sendable, Hashable {
    package enum Comparison: String, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
    }

    package enum Operand: Sendable, Hashable {
        case literal(JSONValue)
        /// Names from the top level down to a nested parameter.
        case parameter([String])
    }

    case compare(Operand, Comparison, Operand)
    case isOneOf(Operand, [Operand])
    case not(Predicate)
    case and(Predicate, Predicate)
    case or(Predicate, Predicate)
}

extension Predicate {
    /// Nil where a parameter that decides it is missing.
    package func evaluate(_ config: [String: JSONValue]) -> Bool? {
        switch self {
        case .compare(let left, let comparison, let right):
            guard let a = left.value(in: config), let b = right.value(in: config) else { return nil }
            return comparison.holds(a, b)
        case .isOneOf(let operand, let candidates):
            guard let value = operand.value(in: config) else { return nil }
            return candidates.contains { $0.value(in: config).map { Comparison.equal.holds(value, $0) } ?? false }
        case .not(let inner): return inner.evaluate(config).map { !$0 }
        case .and(let left, let right):
            let (a, b) = (left.evaluate(config), right.evaluate(config))
            if a == false || b == false { return false }
            return a == nil || b == nil ? nil : true
        case .or(let left, let right):
            let (a, b) = (left.evaluate(config), right.evaluate(config))
            if a == true || b == true { return true }
            return a == nil || b == nil ? nil : false
        }
    }

    /// Top-level names of the parameters that it reads.
    package var parameters: Set<String> {
        func names(_ operands: [Operand]) -> Set<String> {
            Set(operands.compactMap { if case .parameter(let path) = $0 { path.first } else { nil } })
        }
        switch self {
        case .compare(let left, _, let right): return names([left, right])
        case .isOneOf(let operand, let candidates): return names([operand] + candidates)
        case .not(let inner): return inner.parameters
        case .and(let left, let right), .or(let left, let right): return left.parameters.union(right.parameters)
        }
    }
}

extension Predicate.Operand {
    fileprivate func value(in config: [String: JSONValue]) -> JSONValue? {
        switch self {
        case .literal(let value): return value
        case .parameter(let path):
            var value: JSONValue? = .object(config)
            for name in path {
                guard case .object(let members)? = value else { return nil }
                value = members[name]
            }
            return value
        }
    }
}

extension Predicate.Comparison {
    /// Numbers compare as numbers however they are written, texts by their letters; a named structure (a preset) is
    /// equal to its name. Values of different kinds are unequal, and neither is less.
    func holds(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch self {
        case .equal: return Self.areEqual(left, right)
        case .notEqual: return !Self.areEqual(left, right)
        default: break
        }
        if let a = left.number, let b = right.number { return ordered(a, b) }
        if case .string(let a) = left, case .string(let b) = right { return ordered(a, b) }
        return false
    }

    private func ordered<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .equal: left == right
        case .notEqual: left != right
        }
    }

    private static func areEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let a = left.number, let b = right.number { return a == b }
        switch (left, right) {
        case (.object(let members), .string(let name)), (.string(let name), .object(let members)):
            return members["name"] == .string(name)
        default: return left == right
        }
    }
}
