import Experiment

@testable import GraphQL

/// A small tree to ask: a library of books that know their library.
struct Library: GraphQLObject {
    var typename: String { "Library" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "name": .string("city")
        case "book": .optional(arguments.int("number").map { Book(number: $0) })
        case "books": .list((0..<(arguments.int("first") ?? 2)).map { .object(Book(number: $0)) })
        case "echo": .json(.object(arguments.values))
        case "broken": throw GraphQLError(code: "broken", "it is broken; mend it")
        case "lost": throw CancellationError()
        case "nan": .json(.array([.double(.nan), .double(-.infinity), .double(0.5)]))
        default: nil
        }
    }
}

struct Book: GraphQLObject {
    let number: Int

    var typename: String { "Book" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "number": .int(number)
        case "title": .string("\(arguments.string("prefix") ?? "book") \(number)")
        case "library": .object(Library())
        default: nil
        }
    }
}

func answer(
    _ query: String, _ variables: [String: JSONValue] = [:], operation: String? = nil,
    limits: GraphQLLimits = GraphQLLimits()
) async throws -> String {
    let executor = GraphQLExecutor(query: Library(), mutation: Library(), limits: limits)
    let request = GraphQLRequest(query: query, variables: variables, operationName: operation)
    return String(decoding: try await executor.execute(request), as: UTF8.self)
}
