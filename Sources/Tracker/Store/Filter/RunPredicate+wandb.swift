package import Experiment

extension RunPredicate {
    /// Reads W&B's filters, JSON in the manner of MongoDB: `{"$and": [{"config.lr": {"$lt": 0.1}}, {"state": "finished"}]}`.
    ///
    /// Throws `invalid_query` with what is wrong, `too_large` beyond ``FilterLimits``.
    package init(wandb text: String) throws(StoreError) {
        try FilterBudget.check(bytes: text.utf8.count)
        guard let value = try? JSONParser.parse(text) else {
            throw StoreError(.invalidQuery, "the filter is not JSON; write it as {\"state\": \"finished\"}")
        }
        try self.init(wandb: value)
    }

    package init(wandb value: JSONValue) throws(StoreError) {
        var reader = FilterReader()
        self = try reader.predicate(value, depth: 0)
    }
}

private struct FilterReader {
    private var budget = FilterBudget()

    mutating func predicate(_ value: JSONValue, depth: Int) throws(StoreError) -> RunPredicate {
        try FilterBudget.check(depth: depth)
        switch value {
        case .null: return .everything
        case .object(let members):
            var parts: [RunPredicate] = []
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                parts.append(try member(key, value, depth: depth))
            }
            return parts.count == 1 ? parts[0] : .all(parts)
        default: throw StoreError(.invalidQuery, "a filter is a JSON object, not \(value.excerpt)")
        }
    }

    private mutating func member(_ key: String, _ value: JSONValue, depth: Int) throws(StoreError) -> RunPredicate {
        switch key {
        case "$and": return .all(try predicates(value, of: key, depth: depth))
        case "$or": return .any(try predicates(value, of: key, depth: depth))
        case "$nor": return .not(.any(try predicates(value, of: key, depth: depth)))
        case "$not": return .not(try predicate(value, depth: depth + 1))
        default: break
        }
        guard !key.hasPrefix("$") else { throw unknown(key, ["$and", "$or", "$nor", "$not"]) }
        return try condition(RunField(wandb: key), value, depth: depth + 1)
    }

    private mutating func predicates(
        _ value: JSONValue, of key: String, depth: Int
    ) throws(StoreError) -> [RunPredicate] {
        guard case .array(let elements) = value else {
            throw StoreError(.invalidQuery, "\(key) takes a list of filters, not \(value.excerpt)")
        }
        var parts: [RunPredicate] = []
        for element in elements { parts.append(try predicate(element, depth: depth + 1)) }
        return parts
    }

    /// What a field must be: a value, or operators.
    private mutating func condition(
        _ field: RunField, _ value: JSONValue, depth: Int
    ) throws(StoreError) -> RunPredicate {
        try FilterBudget.check(depth: depth)
        guard case .object(let operators) = value, operators.keys.contains(where: { $0.hasPrefix("$") }) else {
            try budget.spend()
            return .equals(field, value)
        }
        var parts: [RunPredicate] = []
        for (name, operand) in operators.sorted(by: { $0.key < $1.key }) where name != "$options" {
            if name == "$not" {
                parts.append(.not(try condition(field, operand, depth: depth + 1)))
            } else {
                parts.append(try comparison(field, name, operand, options: operators["$options"]))
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func comparison(
        _ field: RunField, _ name: String, _ operand: JSONValue, options: JSONValue?
    ) throws(StoreError) -> RunPredicate {
        if case .array(let values) = operand, name == "$in" || name == "$nin" {
            try budget.spend(values: values.count)
            return name == "$in" ? .isAmong(field, values) : .not(.isAmong(field, values))
        }
        try budget.spend()
        switch (name, operand) {
        case ("$eq", _): return .equals(field, operand)
        case ("$ne", _): return .not(.equals(field, operand))
        case ("$lt", _): return .compare(field, .less, operand)
        case ("$lte", _): return .compare(field, .lessOrEqual, operand)
        case ("$gt", _): return .compare(field, .greater, operand)
        case ("$gte", _): return .compare(field, .greaterOrEqual, operand)
        case ("$exists", .bool(let wanted)): return wanted ? .exists(field) : .not(.exists(field))
        case ("$regex", .string(let pattern)):
            try FilterBudget.check(pattern: pattern)
            return .matches(field, options == .string("i") ? "(?i)" + pattern : pattern)
        case ("$in", _), ("$nin", _): throw StoreError(.invalidQuery, "\(name) takes a list, not \(operand.excerpt)")
        case ("$exists", _), ("$regex", _):
            throw StoreError(.invalidQuery, "\(name) does not take \(operand.excerpt)")
        default:
            throw unknown(
                name, ["$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$not", "$regex", "$exists"])
        }
    }

    private func unknown(_ name: String, _ known: [String]) -> StoreError {
        StoreError(.invalidQuery, "there is no operator '\(name.prefix(40))'\(didYouMean(name, among: known))")
    }
}

extension JSONValue {
    /// Its beginning, for messages.
    fileprivate var excerpt: String { String(self.text.prefix(40)) }
}
