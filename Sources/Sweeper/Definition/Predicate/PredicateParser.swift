import Experiment

/// Understands conditions: `or` binds weaker than `and`, `and` weaker than `not`, and comparisons bind strongest.
struct PredicateParser {
    /// Deeper conditions are refused before they can exhaust the stack.
    private static let maximumDepth = 64
    private static let keywords = ["and", "or", "not", "in"]

    /// Dotted names of all parameters, nested ones included, with the way to each.
    private let names: [String: [String]]
    private let fail: (_ offset: Int, _ message: String) -> SweepDefinitionError
    private let tokens: [PredicateLexer.Placed]
    private let length: Int
    private var index = 0
    private var depth = 0

    /// Reads the condition `value` on parameters `names` (dotted); `key` is where it stands in the file, for messages.
    static func parse(_ value: YAMLValue, key: String, names: [String: [String]]) throws -> Predicate {
        switch value.content {
        case .scalar(.string(let text)): return try parse(text, key: key, names: names, at: value.position)
        case .mapping(let entries): return try equalities(entries, key: key, names: names, at: value.position)
        default:
            throw SweepDefinitionError(
                .wrongType, at: value.position,
                "'\(key)' takes a condition, as \"lr > 1e-3 and subset == joint\" or {subset: joint}, not \(value.spoken)"
            )
        }
    }

    private static func parse(
        _ text: String, key: String, names: [String: [String]], at place: SourcePosition
    ) throws -> Predicate {
        func fail(_ offset: Int, _ message: String) -> SweepDefinitionError {
            var position = place
            position.column += offset
            return SweepDefinitionError(.invalidValue, at: position, "condition of '\(key)': \(message)")
        }
        let tokens: [PredicateLexer.Placed]
        do {
            tokens = try PredicateLexer.tokens(text)
        } catch {
            throw fail(error.offset, error.message)
        }
        var parser = PredicateParser(names: names, fail: fail, tokens: tokens, length: text.count)
        let predicate = try parser.disjunction()
        if let rest = parser.next {
            throw fail(rest.offset, "\(spoken(rest.token)) is one too many; join conditions by 'and' or 'or'")
        }
        return predicate
    }

    private init(
        names: [String: [String]], fail: @escaping (Int, String) -> SweepDefinitionError,
        tokens: [PredicateLexer.Placed],
        length: Int
    ) {
        self.names = names
        self.fail = fail
        self.tokens = tokens
        self.length = length
    }

    /// `{lr: 1e-3, subset: [joint, image+audio]}`: all of it must hold.
    private static func equalities(
        _ entries: [YAMLValue.Entry], key: String, names: [String: [String]], at place: SourcePosition
    ) throws -> Predicate {
        var conditions: [Predicate] = []
        for entry in entries {
            guard let path = names[entry.key] else {
                throw SweepDefinitionError(
                    .invalidValue, at: entry.keyPosition,
                    "'\(key)' names '\(entry.key.prefix(60))', which is no parameter of this sweep"
                        + didYouMean(entry.key, among: names.keys.sorted()))
            }
            let operand = Predicate.Operand.parameter(path)
            switch entry.value.content {
            case .sequence(let items): conditions.append(.isOneOf(operand, items.map { .literal($0.json) }))
            default: conditions.append(.compare(operand, .equal, .literal(entry.value.json)))
            }
        }
        guard let first = conditions.first else {
            throw SweepDefinitionError(.invalidValue, at: place, "'\(key)' has an empty condition; name a parameter")
        }
        return conditions.dropFirst().reduce(first) { .and($0, $1) }
    }

    private var next: PredicateLexer.Placed? { index < tokens.count ? tokens[index] : nil }
    private var offset: Int { next?.offset ?? length }

    private mutating func takes(word: String) -> Bool {
        guard next?.token == .word(word) else { return false }
        index += 1
        return true
    }

    private mutating func takes(sign: String) -> Bool {
        guard next?.token == .sign(sign) else { return false }
        index += 1
        return true
    }

    private mutating func disjunction() throws -> Predicate {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PredicateParser.maximumDepth else { throw fail(offset, "it is nested too deep") }
        var left = try conjunction()
        while takes(word: "or") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws -> Predicate {
        var left = try negation()
        while takes(word: "and") { left = .and(left, try negation()) }
        return left
    }

    private mutating func negation() throws -> Predicate {
        var isNegated = false
        while takes(word: "not") { isNegated.toggle() }
        let inner = try comparison()
        return isNegated ? .not(inner) : inner
    }

    private mutating func comparison() throws -> Predicate {
        if takes(sign: "(") {
            let inner = try disjunction()
            guard takes(sign: ")") else { throw fail(offset, "a ')' is missing") }
            return inner
        }
        let left = try operand(onLeft: true)
        if takes(word: "in") { return .isOneOf(left, try list()) }
        if next?.token == .word("not") {
            index += 1
            guard takes(word: "in") else { throw fail(offset, "'not' between two values must be 'not in'") }
            return .not(.isOneOf(left, try list()))
        }
        guard case .sign(let sign)? = next?.token, let comparison = Predicate.Comparison(rawValue: sign) else {
            throw fail(
                offset, "a comparison is expected here, one of ==, !=, <, <=, >, >=, in, not in, not \(spokenNext)")
        }
        index += 1
        return .compare(left, comparison, try operand(onLeft: false))
    }

    private mutating func list() throws -> [Predicate.Operand] {
        guard takes(sign: "[") else { throw fail(offset, "'in' takes a list, as [a, b], not \(spokenNext)") }
        var items: [Predicate.Operand] = []
        while !takes(sign: "]") {
            if !items.isEmpty, !takes(sign: ",") { throw fail(offset, "a ',' or ']' is missing in the list") }
            items.append(try operand(onLeft: false))
        }
        return items
    }

    /// On the left a word must be a parameter; on the right one that is no parameter stands for itself.
    private mutating func operand(onLeft: Bool) throws -> Predicate.Operand {
        let place = offset
        switch next?.token {
        case .text(let text):
            index += 1
            return .literal(.string(text))
        case .word(let word) where !PredicateParser.keywords.contains(word):
            index += 1
            if let path = names[word] { return .parameter(path) }
            let value = YAMLScalar.resolve(plain: word)
            if onLeft, case .string = value {
                throw fail(
                    place,
                    "'\(word.prefix(60))' is no parameter of this sweep" + didYouMean(word, among: names.keys.sorted()))
            }
            return .literal(value)
        default: throw fail(place, "a parameter or a value is expected here, not \(spokenNext)")
        }
    }

    private var spokenNext: String { next.map { PredicateParser.spoken($0.token) } ?? "the end" }

    private static func spoken(_ token: PredicateLexer.Token) -> String {
        switch token {
        case .word(let word): "'\(word.prefix(60))'"
        case .text(let text): "the text '\(text.prefix(60))'"
        case .sign(let sign): "'\(sign)'"
        }
    }
}
