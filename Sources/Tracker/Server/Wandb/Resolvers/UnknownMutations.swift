import GraphQL

/// Refuses whatever no other resolver does. Of what cannot be asked the answer is null; but W&B's client takes the
/// answer of a deed for granted, and crashes on null.
struct UnknownMutations: GraphQLObject {
    var typename: String { "Mutation" }

    func field(_ name: String, _ arguments: GraphQLArguments) throws(GraphQLError) -> GraphQLValue? {
        throw GraphQLError(code: "unknown_mutation", "this tracker has no '\(name.prefix(100))'")
    }
}
