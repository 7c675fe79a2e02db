import Experiment

/// Why a GraphQL request cannot be answered: what is wrong with its text or its variables.
package struct GraphQLError: UserFacingError, Hashable {
    package let code: String
    package let description: String

    package init(code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}
