import Experiment

/// Query text to ``Document`` (GraphQL specification, October 2021, section 2); type system definitions are refused.
struct Parser {
    private var lexer: Lexer
    private var token: Token = .end
    private var tokens = 0
    private let limits: GraphQLLimits

    static func parse(_ text: String, limits: GraphQLLimits = GraphQLLimits()) throws(GraphQLError) -> Document {
        guard text.utf8.count <= limits.queryBytes else {
            throw .tooLarge("the query has \(text.utf8.count) bytes, at most \(limits.queryBytes) are read")
        }
        var parser = Parser(lexer: Lexer(text), limits: limits)
        try parser.advance()
        return try parser.document()
    }

    private init(lexer: Lexer, limits: GraphQLLimits) {
        self.lexer = lexer
        self.limits = limits
    }

    private mutating func document() throws(GraphQLError) -> Document {
        var document = Document()
        while token != .end {
            if token == .mark("{") {
                document.operations.append(Operation(kind: .query, selections: try selections(depth: 0)))
                continue
            }
            let word = try name()
            if word == "fragment" {
                let name = try name()
                guard try takeWord("on") else { throw unexpected }
                _ = try self.name()
                _ = try directives()
                document.fragments[name] = try selections(depth: 0)
            } else if let kind = Operation.Kind(rawValue: word) {
                document.operations.append(try operation(kind))
            } else {
                throw .syntax("'\(word.prefix(40))' begins no operation and no fragment")
            }
        }
        return document
    }

    private mutating func operation(_ kind: Operation.Kind) throws(GraphQLError) -> Operation {
        var operation = Operation(kind: kind)
        if case .name = token { operation.name = try name() }
        if try take("(") {
            while try !take(")") { operation.variables.append(try variableDefinition()) }
        }
        _ = try directives()
        operation.selections = try selections(depth: 0)
        return operation
    }

    private mutating func variableDefinition() throws(GraphQLError) -> VariableDefinition {
        try expect("$")
        var definition = VariableDefinition(name: try name())
        try expect(":")
        try skipType(depth: 0)
        if try take("=") { definition.defaultValue = try value(depth: 0) }
        _ = try directives()
        return definition
    }

    /// Types are the resolvers' affair: they take what they can use.
    private mutating func skipType(depth: Int) throws(GraphQLError) {
        try check(depth)
        if try take("[") {
            try skipType(depth: depth + 1)
            try expect("]")
        } else {
            _ = try name()
        }
        _ = try take("!")
    }

    private mutating func selections(depth: Int) throws(GraphQLError) -> [Selection] {
        try check(depth)
        try expect("{")
        var selections: [Selection] = []
        while try !take("}") { selections.append(try selection(depth: depth)) }
        return selections
    }

    private mutating func selection(depth: Int) throws(GraphQLError) -> Selection {
        guard try take("...") else { return .field(try field(depth: depth)) }
        if case .name(let name) = token, name != "on" {
            try advance()
            return .spread(name: name, try directives())
        }
        if try takeWord("on") { _ = try name() }
        let directives = try directives()
        return .inline(try selections(depth: depth + 1), directives)
    }

    private mutating func field(depth: Int) throws(GraphQLError) -> Field {
        let first = try name()
        var field = Field(key: first, name: first)
        if try take(":") { field.name = try name() }
        field.arguments = try arguments()
        field.directives = try directives()
        if token == .mark("{") { field.selections = try selections(depth: depth + 1) }
        return field
    }

    private mutating func arguments() throws(GraphQLError) -> [(name: String, value: ValueNode)] {
        guard try take("(") else { return [] }
        return try members(until: ")", depth: 0)
    }

    private mutating func directives() throws(GraphQLError) -> [Directive] {
        var directives: [Directive] = []
        while try take("@") { directives.append(Directive(name: try name(), arguments: try arguments())) }
        return directives
    }

    private mutating func members(
        until end: String, depth: Int
    ) throws(GraphQLError) -> [(name: String, value: ValueNode)] {
        var members: [(name: String, value: ValueNode)] = []
        while try !take(end) {
            let name = try name()
            try expect(":")
            members.append((name, try value(depth: depth)))
        }
        return members
    }

    private mutating func value(depth: Int) throws(GraphQLError) -> ValueNode {
        try check(depth)
        if try take("$") { return .variable(try name()) }
        if try take("[") {
            var elements: [ValueNode] = []
            while try !take("]") { elements.append(try value(depth: depth + 1)) }
            return .list(elements)
        }
        if try take("{") { return .object(try members(until: "}", depth: depth + 1)) }
        let literal: JSONValue
        switch token {
        case .number(let value): literal = value
        case .string(let text): literal = .string(text)
        case .name("true"): literal = .bool(true)
        case .name("false"): literal = .bool(false)
        case .name("null"): literal = .null
        case .name(let word): literal = .string(word)
        case .mark, .end: throw unexpected
        }
        try advance()
        return .literal(literal)
    }
}

// MARK: Tokens

extension Parser {
    private mutating func advance() throws(GraphQLError) {
        tokens += 1
        guard tokens <= limits.tokens else { throw .tooLarge("the query has more than \(limits.tokens) tokens") }
        token = try lexer.next()
    }

    private mutating func name() throws(GraphQLError) -> String {
        guard case .name(let name) = token else { throw unexpected }
        try advance()
        return name
    }

    private mutating func take(_ mark: String) throws(GraphQLError) -> Bool {
        guard token == .mark(mark) else {
            if token == .end, ["}", ")", "]"].contains(mark) { throw unexpected }
            return false
        }
        try advance()
        return true
    }

    private mutating func takeWord(_ word: String) throws(GraphQLError) -> Bool {
        guard token == .name(word) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ mark: String) throws(GraphQLError) {
        guard try take(mark) else { throw unexpected }
    }

    private func check(_ depth: Int) throws(GraphQLError) {
        guard depth < limits.depth else { throw .tooLarge("the query is nested deeper than \(limits.depth)") }
    }

    private var unexpected: GraphQLError {
        switch token {
        case .end: .syntax("it ends too early")
        case .name(let text), .mark(let text), .string(let text): .syntax("'\(text.prefix(40))' is out of place")
        case .number(let value): .syntax("'\(value.text)' is out of place")
        }
    }
}
