import Experiment

extension JSONValue {
    /// Without the members that no object of `template` has: programs add to structures in their config.
    func restricted(to template: JSONValue) -> JSONValue {
        guard case .object(let members) = self, case .object(let known) = template else { return self }
        return .object(
            Dictionary(
                uniqueKeysWithValues: members.compactMap { key, value in
                    known[key].map { (key, value.restricted(to: $0)) }
                }))
    }

    /// Members of either, objects joined within.
    func joined(with other: JSONValue) -> JSONValue {
        guard case .object(let mine) = self, case .object(let theirs) = other else { return self }
        return .object(mine.merging(theirs) { $0.joined(with: $1) })
    }
}
