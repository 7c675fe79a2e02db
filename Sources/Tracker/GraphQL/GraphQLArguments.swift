package import Experiment

/// The arguments of a field, or the members of an input object; a wrong type reads as if it were missing.
package struct GraphQLArguments: Sendable {
    /// Arguments that were given; null is a value, a variable that was not given is none.
    package let values: [String: JSONValue]

    package init(_ values: [String: JSONValue] = [:]) { self.values = values }

    package subscript(name: String) -> JSONValue? { values[name] }

    package func string(_ name: String) -> String? { values[name]?.string }
    package func int(_ name: String) -> Int? { values[name]?.integer.flatMap { Int(exactly: $0) } }
    package func bool(_ name: String) -> Bool? { values[name]?.bool }
    package func strings(_ name: String) -> [String]? { values[name]?.array?.compactMap(\.string) }
    /// An input object; empty where there is none.
    package func input(_ name: String = "input") -> GraphQLArguments { GraphQLArguments(values[name]?.object ?? [:]) }
    package func inputs(_ name: String) -> [GraphQLArguments] {
        values[name]?.array?.compactMap { $0.object.map { GraphQLArguments($0) } } ?? []
    }

    /// A text that must be there.
    package func required(_ name: String) throws(GraphQLError) -> String {
        guard let text = string(name), !text.isEmpty else {
            throw GraphQLError(code: "missing_argument", "the request names no '\(name)'; add it")
        }
        return text
    }
}
