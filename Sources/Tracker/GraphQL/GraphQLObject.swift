package import Experiment

/// Something that a query can ask fields of. Fields are resolved only when they are asked for.
package protocol GraphQLObject: Sendable {
    /// What `__typename` answers.
    var typename: String { get }

    /// The value of a field; nil where the type has no such field, which is answered with null.
    ///
    /// A ``GraphQLError`` becomes an entry of `errors` and the field null.
    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue?
}

package enum GraphQLValue: Sendable {
    /// A scalar, also a whole JSON structure: what is asked of it is not looked at.
    case json(JSONValue)
    case object(any GraphQLObject)
    case list([GraphQLValue])

    package static var null: GraphQLValue { .json(.null) }
    package static func string(_ value: String?) -> GraphQLValue { .json(value.map { .string($0) } ?? .null) }
    package static func int(_ value: (some BinaryInteger)?) -> GraphQLValue {
        .json(value.map { .int(Int64(clamping: $0)) } ?? .null)
    }
    package static func bool(_ value: Bool) -> GraphQLValue { .json(.bool(value)) }
    package static func strings(_ values: [String]) -> GraphQLValue { .json(.array(values.map { .string($0) })) }
    /// W&B's JSONString: a text that holds JSON.
    package static func jsonString(_ value: JSONValue) -> GraphQLValue { .json(.string(value.text)) }
    package static func record(_ typename: String, _ fields: [String: GraphQLValue]) -> GraphQLValue {
        .object(GraphQLRecord(typename, fields))
    }
    package static func optional(_ object: (any GraphQLObject)?) -> GraphQLValue {
        object.map { .object($0) } ?? .null
    }
}

/// An object whose fields are all known beforehand.
package struct GraphQLRecord: GraphQLObject {
    package let typename: String
    private let fields: [String: GraphQLValue]

    package init(_ typename: String, _ fields: [String: GraphQLValue]) {
        self.typename = typename
        self.fields = fields
    }

    package func field(_ name: String, _ arguments: GraphQLArguments) -> GraphQLValue? { fields[name] }
}

/// One object whose fields are told by several: the first that knows a field answers it.
package struct GraphQLComposite: GraphQLObject {
    package let typename: String
    private let parts: [any GraphQLObject]

    package init(_ typename: String, _ parts: [any GraphQLObject]) {
        self.typename = typename
        self.parts = parts
    }

    package func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        for part in parts {
            if let value = try await part.field(name, arguments) { return value }
        }
        return nil
    }
}
