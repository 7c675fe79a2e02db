import Experiment

/// Why a GraphQL request, or a field of it, cannot be answered.
package struct GraphQLError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    package init(code: String, _ description: String) {
        self.code = code
        self.description = description
    }

    static func syntax(_ what: String) -> GraphQLError {
        GraphQLError(code: "bad_query", "the query is not GraphQL: \(what)")
    }

    static func tooLarge(_ what: String) -> GraphQLError {
        GraphQLError(code: "too_large", "\(what); ask for less at once")
    }
}
