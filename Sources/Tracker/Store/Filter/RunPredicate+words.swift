import Experiment

extension RunPredicate {
    /// Reads a filter as people type it: `config.lr < 0.01 and (state = finished or tags in (even, odd))`.
    ///
    /// Comparisons are `= != < <= > >=`, `~` and `!~` for patterns, `in (...)`, `not in (...)` and `exists`; they are
    /// joined by `and`, `or`, `not` and brackets. Throws `invalid_query` with what is wrong.
    package init(words text: String) throws(StoreError) {
        try FilterBudget.check(bytes: text.utf8.count)
        var parser = WordsParser(words: try FilterWord.split(text)[...])
        self = try parser.whole()
    }
}

/// Recursive descent; `or` binds less than `and`, which binds less than `not`.
private struct WordsParser {
    var words: ArraySlice<FilterWord>
    private var budget = FilterBudget()

    init(words: ArraySlice<FilterWord>) { self.words = words }

    mutating func whole() throws(StoreError) -> RunPredicate {
        let predicate = try disjunction(depth: 0)
        if let next = words.first { throw unexpected(next) }
        return predicate
    }

    private mutating func disjunction(depth: Int) throws(StoreError) -> RunPredicate {
        var parts = [try conjunction(depth: depth)]
        while take(keyword: "or") { parts.append(try conjunction(depth: depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction(depth: Int) throws(StoreError) -> RunPredicate {
        var parts = [try negation(depth: depth)]
        while take(keyword: "and") { parts.append(try negation(depth: depth)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation(depth: Int) throws(StoreError) -> RunPredicate {
        try FilterBudget.check(depth: depth)
        if take(keyword: "not") { return .not(try negation(depth: depth + 1)) }
        guard take(.open) else { return try comparison() }
        let inner = try disjunction(depth: depth + 1)
        guard take(.close) else { throw StoreError(.invalidQuery, "a bracket in the filter does not end; close it") }
        return inner
    }

    private mutating func comparison() throws(StoreError) -> RunPredicate {
        try budget.spend()
        guard case .text(let name, _)? = words.popFirst() else {
            throw StoreError(.invalidQuery, "the filter ends early; compare a field, as in config.lr < 0.01")
        }
        let field = try RunField(words: name)
        if take(keyword: "exists") { return .exists(field) }
        if take(keyword: "in") { return .isAmong(field, try list()) }
        if take(keyword: "not") {
            guard take(keyword: "in") else { throw StoreError(.invalidQuery, "after '\(name) not' comes 'in (...)'") }
            return .not(.isAmong(field, try list()))
        }
        guard case .comparison(let sign)? = words.popFirst() else {
            throw StoreError(.invalidQuery, "after '\(name)' comes a comparison, as = != < <= > >= ~ in exists")
        }
        let value = try value()
        switch sign {
        case "=", "==": return .equals(field, value)
        case "!=", "<>": return .not(.equals(field, value))
        case "~", "!~":
            let pattern = value.label
            try FilterBudget.check(pattern: pattern)
            return sign == "~" ? .matches(field, pattern) : .not(.matches(field, pattern))
        default:
            guard let comparison = RunPredicate.Comparison(rawValue: sign) else {
                throw StoreError(.invalidQuery, "there is no comparison '\(sign)'; there are = != < <= > >= ~ !~")
            }
            return .compare(field, comparison, value)
        }
    }

    private mutating func list() throws(StoreError) -> [JSONValue] {
        guard take(.open) else { throw StoreError(.invalidQuery, "'in' takes a list in brackets: in (a, b)") }
        var values: [JSONValue] = []
        repeat { values.append(try value()) } while take(.comma)
        guard take(.close) else {
            throw StoreError(.invalidQuery, "a list in the filter does not end; close it with )")
        }
        try budget.spend(values: values.count)
        return values
    }

    /// A number, true, false or null where it looks like one and is not quoted; a text else.
    private mutating func value() throws(StoreError) -> JSONValue {
        guard case .text(let text, let isQuoted)? = words.popFirst() else {
            throw StoreError(.invalidQuery, "a value is missing in the filter; texts with signs need quotes")
        }
        if isQuoted { return .string(text) }
        switch text {
        case "true", "True": return .bool(true)
        case "false", "False": return .bool(false)
        case "null", "None": return .null
        default: break
        }
        if let integer = Int64(text) { return .int(integer) }
        if let number = Double(text), number.isFinite { return .double(number) }
        return .string(text)
    }

    private mutating func take(_ word: FilterWord) -> Bool {
        guard words.first == word else { return false }
        words.removeFirst()
        return true
    }

    private mutating func take(keyword: String) -> Bool {
        guard case .text(let text, isQuoted: false)? = words.first, text.lowercased() == keyword else { return false }
        words.removeFirst()
        return true
    }

    private func unexpected(_ word: FilterWord) -> StoreError {
        let text =
            switch word {
            case .text(let text, _), .comparison(let text): text
            case .open: "("
            case .close: ")"
            case .comma: ","
            }
        return StoreError(.invalidQuery, "'\(text)' is not expected there; join comparisons with 'and' or 'or'")
    }
}
