import Experiment

extension JSONValue {
    /// With numbers that are whole as integers: 3.0 and 3 are the same setting, however a client spells it.
    var normalised: JSONValue {
        switch self {
        case .double(let value): Int64(exactly: value).map(JSONValue.int) ?? self
        case .array(let items): .array(items.map(\.normalised))
        case .object(let members): .object(members.mapValues(\.normalised))
        default: self
        }
    }

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
