package import Experiment

/// Which parameters of a configuration exist: those whose `when` holds, or that have none.
package struct Conditions: Sendable {
    /// Conditional parameters, each after those that its condition reads.
    private let ordered: [(name: String, condition: Predicate)]

    package init(_ parameters: [Parameter]) {
        var left = parameters.compactMap { parameter in parameter.condition.map { (parameter.name, $0) } }
        var ordered: [(name: String, condition: Predicate)] = []
        // Circles are refused when the file is read; if there were one, its members keep the order of the file.
        while !left.isEmpty {
            let waiting = Set(left.map(\.0))
            let index = left.firstIndex { $0.1.parameters.isDisjoint(with: waiting) } ?? 0
            ordered.append(left.remove(at: index))
        }
        self.ordered = ordered
    }

    package var isEmpty: Bool { ordered.isEmpty }
    package func isConditional(_ name: String) -> Bool { ordered.contains { $0.name == name } }

    /// The configuration without the parameters that do not exist in it, and their names.
    package func applied(to config: [String: JSONValue]) -> (config: [String: JSONValue], absent: Set<String>) {
        var config = config
        var absent: Set<String> = []
        for (name, condition) in ordered where condition.evaluate(config) != true {
            config[name] = nil
            absent.insert(name)
        }
        return (config, absent)
    }
}
