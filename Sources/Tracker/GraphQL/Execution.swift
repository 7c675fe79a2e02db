import Experiment

/// One operation on its way: writes the answer while it walks the selections.
struct Execution {
    private let operation: Operation
    private let fragments: [String: [Selection]]
    private let variables: [String: JSONValue]
    private let limits: GraphQLLimits
    private let explain: @Sendable (any Error) -> GraphQLError?
    private var bytes: [UInt8] = []
    private var path: [JSONValue] = []
    private var errors: [(GraphQLError, path: [JSONValue])] = []
    private var answers = 0

    init(
        _ document: Document, _ operation: Operation, variables: [String: JSONValue], limits: GraphQLLimits,
        explain: @escaping @Sendable (any Error) -> GraphQLError?
    ) throws(GraphQLError) {
        self.operation = operation
        fragments = document.fragments
        var values: [String: JSONValue] = [:]
        for definition in operation.variables {
            if let given = variables[definition.name] {
                values[definition.name] = given
            } else if let value = definition.defaultValue {
                values[definition.name] = Self.value(value, [:])
            }
        }
        self.variables = values
        self.limits = limits
        self.explain = explain
        var fields = 0
        try Self.check(operation.selections, document.fragments, limits, depth: 0, within: [], fields: &fields)
    }

    mutating func run(on root: any GraphQLObject) async throws -> [UInt8] {
        try await write(root, operation.selections)
        return Self.answer(data: bytes, errors: errors)
    }

    static func answer(data: [UInt8], errors: [(GraphQLError, path: [JSONValue])]) -> [UInt8] {
        var answer = Array("{\"data\":".utf8) + data
        if !errors.isEmpty {
            answer.append(contentsOf: ",\"errors\":".utf8)
            JSONValue.array(
                errors.map { error, path in
                    .object([
                        "message": .string(error.description), "path": .array(path),
                        "extensions": .object(["code": .string(error.code)]),
                    ])
                }
            ).write(into: &answer)
        }
        answer.append(UInt8(ascii: "}"))
        return answer
    }
}

// MARK: Writing

extension Execution {
    private mutating func write(_ object: any GraphQLObject, _ selections: [Selection]) async throws {
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in collect(selections).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONValue.write(field.key, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            path.append(.string(field.key))
            try await write(field, of: object)
            path.removeLast()
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ field: Field, of object: any GraphQLObject) async throws {
        answers += 1
        guard answers <= limits.answers else {
            throw GraphQLError.tooLarge("the answer would have more than \(limits.answers) fields")
        }
        if field.name == "__typename" { return JSONValue.write(object.typename, into: &bytes) }
        var arguments: [String: JSONValue] = [:]
        for (name, node) in field.arguments { arguments[name] = Self.value(node, variables) }
        let value: GraphQLValue?
        do {
            value = try await object.field(field.name, GraphQLArguments(arguments))
        } catch {
            guard let explained = explain(error) else { throw error }
            errors.append((explained, path))
            value = nil
        }
        try await write(value ?? .null, field.selections)
    }

    private mutating func write(_ value: GraphQLValue, _ selections: [Selection]) async throws {
        switch value {
        case .json(let value): value.write(into: &bytes)
        case .object(let object): try await write(object, selections)
        case .list(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                path.append(.int(Int64(index)))
                try await write(element, selections)
                path.removeLast()
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }
}

// MARK: Selections

extension Execution {
    /// The fields in the order of the answer; what is asked for twice under one key is one field with all selections.
    private func collect(_ selections: [Selection]) -> [Field] {
        var fields: [Field] = []
        var places: [String: Int] = [:]
        func add(_ selections: [Selection]) {
            for selection in selections {
                switch selection {
                case .field(let field):
                    guard isWanted(field.directives) else { continue }
                    if let place = places[field.key] {
                        fields[place].selections += field.selections
                    } else {
                        places[field.key] = fields.count
                        fields.append(field)
                    }
                case .inline(let inner, let directives): if isWanted(directives) { add(inner) }
                case .spread(let name, let directives): if isWanted(directives) { add(fragments[name] ?? []) }
                }
            }
        }
        add(selections)
        return fields
    }

    private func isWanted(_ directives: [Directive]) -> Bool {
        directives.allSatisfy { directive in
            let condition = directive.arguments.first { $0.name == "if" }.flatMap { Self.value($0.value, variables) }
            return switch directive.name {
            case "include": condition != .bool(false)
            case "skip": condition != .bool(true)
            default: true
            }
        }
    }

    /// Nil for a variable that was not given.
    private static func value(_ node: ValueNode, _ variables: [String: JSONValue]) -> JSONValue? {
        switch node {
        case .literal(let value): value
        case .variable(let name): variables[name]
        case .list(let nodes): .array(nodes.map { value($0, variables) ?? .null })
        case .object(let members):
            .object(
                Dictionary(members.compactMap { name, node in value(node, variables).map { (name, $0) } }) { $1 })
        }
    }

    /// Refuses what costs too much, fragments that contain themselves, and fragments that do not exist.
    private static func check(
        _ selections: [Selection], _ fragments: [String: [Selection]], _ limits: GraphQLLimits, depth: Int,
        within: [String], fields: inout Int
    ) throws(GraphQLError) {
        guard depth < limits.depth else { throw .tooLarge("the query is nested deeper than \(limits.depth)") }
        for selection in selections {
            fields += 1
            guard fields <= limits.fields else { throw .tooLarge("the query has more than \(limits.fields) fields") }
            switch selection {
            case .field(let field):
                try check(field.selections, fragments, limits, depth: depth + 1, within: within, fields: &fields)
            case .inline(let inner, _):
                try check(inner, fragments, limits, depth: depth + 1, within: within, fields: &fields)
            case .spread(let name, _):
                guard let inner = fragments[name] else {
                    throw GraphQLError(code: "bad_query", "the query has no fragment '\(name.prefix(40))'")
                }
                guard !within.contains(name) else {
                    throw GraphQLError(code: "bad_query", "the fragment '\(name.prefix(40))' contains itself")
                }
                try check(
                    inner, fragments, limits, depth: depth + 1, within: within + [name], fields: &fields)
            }
        }
    }
}
